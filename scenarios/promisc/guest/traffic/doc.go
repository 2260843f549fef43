//go:build linux

// Package traffic floods a bridge port with frames that belong to nobody, watches what that does to the guest, and keeps
// the books: frames offered, accepted, received and delivered add up, or it says what does not.
//
// The frames come from a second network card of the guest (by a packet socket or by the kernel's pktgen), or from the host.
// Under the instruction clock the cards should move frames in the guest's time, not when QEMU's main loop gets round to it:
// virtio-net-pci with ioeventfd=off for both, and tx=timer,x-txtimer=250000 for the one that sends. The cost of a frame then
// repeats to 0.2%, on a busy host as well, without it to 1 to 7%. And frames leave a quarter of a millisecond at a time:
// one by one, each would be received within the call that sends it, and the receiver would slow the sender down.
//
// It knows a port, a sender and three functions of the scenario's; it must not know bridges, containers or namespaces.
package traffic
