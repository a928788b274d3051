//go:build !old

package main

import "golang.org/x/crypto/ssh"

func partialSuccess(next func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error)) error {
	return &ssh.PartialSuccessError{Next: ssh.ServerAuthCallbacks{PasswordCallback: next}}
}
