// Package mail writes a finding as a mail to the kernel's developers, as Documentation/admin-guide/reporting-issues.rst
// wants one: plain text, 72 columns, first what happens, then numbers, versions, the trace, how to see it oneself, what was
// compared and what nobody looked at. Who reads it decides in seconds whether to read on, so nothing in it praises the tool,
// and what a distribution's kernel showed is not said to be upstream's.
//
// It is pure: it draws on a summary and on what the caller knows besides, and reads no files. It sends nothing.
package mail
