package lab

import (
	"brink/internal/console"
	"brink/internal/trial"
)

// hanging is the failure of a task that waits where its stack says.
func hanging(kind trial.Kind, title string, task *trial.Task) *trial.Failure {
	if task == nil {
		task = &trial.Task{}
	}
	at := console.Stack(task.Stack)
	name := at.Function
	if name == "" {
		name = task.Wchan
	}
	if name == "0" { // a task that waits for nothing
		name = ""
	}
	return &trial.Failure{Kind: kind, Title: title, Function: name, Subsystem: at.Subsystem, Text: task.Stack,
		Signature: string(kind) + ":" + name + ":" + at.Subsystem}
}
