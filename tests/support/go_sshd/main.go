// An SSH server that is not OpenSSH, for tests: golang.org/x/crypto/ssh, with OpenSSH's sftp-server or
// github.com/pkg/sftp as its subsystem.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"strings"

	"golang.org/x/crypto/ssh"
)

type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func main() {
	var hostKeys, questions, kexes, ciphers, macs list
	flag.Var(&hostKeys, "host-key", "private key file; may be repeated")
	flag.Var(&questions, "question", "prompt=answer of keyboard-interactive; may be repeated")
	flag.Var(&kexes, "kex", "key exchange; may be repeated")
	flag.Var(&ciphers, "cipher", "cipher; may be repeated")
	flag.Var(&macs, "mac", "MAC; may be repeated")
	password := flag.String("password", "", "password to accept")
	authorized := flag.String("authorized", "", "public key file to accept")
	thenPassword := flag.String("then-password", "", "password wanted after the key")
	banner := flag.String("banner", "", "banner")
	noise := flag.String("noise", "", "text before SFTP begins")
	program := flag.String("sftp-server", "/usr/lib/openssh/sftp-server", "subsystem program; none for pkg/sftp")
	flag.Parse()

	config := &ssh.ServerConfig{MaxAuthTries: 10}
	config.KeyExchanges, config.Ciphers, config.MACs = kexes, ciphers, macs
	if *banner != "" {
		config.BannerCallback = func(ssh.ConnMetadata) string { return *banner }
	}
	if *password != "" {
		config.PasswordCallback = accept(*password)
	}
	if len(questions) > 0 {
		config.KeyboardInteractiveCallback = ask(questions)
	}
	if *authorized != "" {
		config.PublicKeyCallback = acceptKey(*authorized, *thenPassword)
	}
	for _, file := range hostKeys {
		signer, err := ssh.ParsePrivateKey(must(os.ReadFile(file)))
		if err != nil {
			log.Fatal(err)
		}
		config.AddHostKey(signer)
	}

	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Println("listening", listener.Addr().(*net.TCPAddr).Port)
	for {
		go serve(must(listener.Accept()), config, *program, *noise)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func accept(password string) func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) {
	return func(_ ssh.ConnMetadata, given []byte) (*ssh.Permissions, error) {
		if string(given) != password {
			return nil, errors.New("wrong password")
		}
		return nil, nil
	}
}

func ask(questions []string) func(ssh.ConnMetadata, ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
	return func(_ ssh.ConnMetadata, challenge ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		for _, question := range questions {
			prompt, answer, _ := strings.Cut(question, "=")
			answers, err := challenge("Login", "Answer well.", []string{prompt}, []bool{false})
			if err != nil {
				return nil, err
			}
			if len(answers) != 1 || answers[0] != answer {
				return nil, errors.New("wrong answer")
			}
		}
		return nil, nil
	}
}

func acceptKey(file, thenPassword string) func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
	key, _, _, _, err := ssh.ParseAuthorizedKey(must(os.ReadFile(file)))
	if err != nil {
		log.Fatal(err)
	}
	return func(_ ssh.ConnMetadata, given ssh.PublicKey) (*ssh.Permissions, error) {
		if string(given.Marshal()) != string(key.Marshal()) {
			return nil, errors.New("unknown key")
		}
		if thenPassword != "" {
			return nil, partialSuccess(accept(thenPassword))
		}
		return nil, nil
	}
}

func serve(socket net.Conn, config *ssh.ServerConfig, program, noise string) {
	defer socket.Close()
	connection, channels, requests, err := ssh.NewServerConn(socket, config)
	if err != nil {
		return
	}
	defer connection.Close()
	go ssh.DiscardRequests(requests)
	for offered := range channels {
		if offered.ChannelType() != "session" {
			offered.Reject(ssh.Prohibited, "only sessions")
			continue
		}
		channel, requests, err := offered.Accept()
		if err != nil {
			return
		}
		go session(channel, requests, program, noise)
	}
}

func session(channel ssh.Channel, requests <-chan *ssh.Request, program, noise string) {
	for request := range requests {
		wanted := request.Type == "subsystem" && string(request.Payload[4:]) == "sftp"
		request.Reply(wanted, nil)
		if wanted {
			go run(channel, program, noise)
		}
	}
}

func run(channel ssh.Channel, program, noise string) {
	defer channel.Close()
	io.WriteString(channel, noise)
	if program == "none" {
		if err := serveSftp(channel); err != nil && err != io.EOF {
			log.Print(err)
		}
		return
	}
	command := exec.Command(program)
	command.Stdout, command.Stderr = channel, channel.Stderr()
	// A pipe of its own: the end of the program is not to wait for the client.
	go io.Copy(must(command.StdinPipe()), channel)
	command.Run()
}
