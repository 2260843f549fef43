// Package qemu runs one virtual machine: its command line, its process, its QMP socket, its console and its agent
// channel. The three streams never mix. It knows nothing of scenarios, plans or what the console text means.
package qemu
