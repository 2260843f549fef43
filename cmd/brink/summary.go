package main

import (
	"brink/internal/engine"
	"brink/internal/judge"
	"brink/internal/store"
	"brink/internal/summary"
)

// summarise reads a run folder into the document that all reports are made of.
func summarise(dir string) (summary.Summary, error) {
	head, events, err := store.Load(dir)
	if err != nil {
		return summary.Summary{}, err
	}
	spec, err := specOf(head)
	if err != nil {
		return summary.Summary{}, err
	}
	why, err := explanationOf(dir, head)
	if err != nil {
		return summary.Summary{}, err
	}
	return summary.New(judge.Read(spec, head, events), events, engine.Finished(spec, head, events), why), nil
}
