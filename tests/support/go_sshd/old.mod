module plakar.test/go_sshd

go 1.24.0

require golang.org/x/crypto v0.14.0

require golang.org/x/sys v0.13.0 // indirect
