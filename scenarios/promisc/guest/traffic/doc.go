//go:build linux

// Package traffic floods a bridge port with frames that belong to nobody, watches what that does to the guest, and keeps
// the books: frames offered, accepted, received and delivered add up, or it says what does not.
//
// The frames come from a second network card of the guest (by a packet socket or by the kernel's pktgen), or from the host.
// It knows a port, a sender and three functions of the scenario's; it must not know bridges, containers or namespaces.
package traffic
