//go:build !old

package main

import (
	"io"

	"github.com/pkg/sftp"
)

// An SFTP server that is not OpenSSH's either.
func serveSftp(channel io.ReadWriteCloser) error {
	server, err := sftp.NewServer(channel)
	if err != nil {
		return err
	}
	defer server.Close()
	return server.Serve()
}
