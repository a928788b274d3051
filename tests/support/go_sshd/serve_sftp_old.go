//go:build old

package main

import (
	"errors"
	"io"
)

func serveSftp(io.ReadWriteCloser) error {
	return errors.New("not in this version")
}
