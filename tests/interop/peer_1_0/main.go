// Command kloset10 makes repositories of the time of plakar 1.0.6, with the very library of that version, and says
// whether that library still reads one. Module proxies serve the library, but not plakar 1.0.6 itself.
//
//	kloset10 version
//	kloset10 create STORE plaintext|encrypted
//	kloset10 backup STORE DIRECTORY    prints the short id of the snapshot
//	kloset10 check STORE               prints the short ids of the snapshots that are whole
//
// The passphrase comes from PLAKAR_PASSPHRASE.
package main

import (
	"bytes"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime"
	"strings"

	_ "github.com/PlakarKorp/integration-fs/importer"
	_ "github.com/PlakarKorp/integration-fs/storage"
	"github.com/PlakarKorp/kloset/caching"
	"github.com/PlakarKorp/kloset/encryption"
	"github.com/PlakarKorp/kloset/hashing"
	"github.com/PlakarKorp/kloset/kcontext"
	"github.com/PlakarKorp/kloset/logging"
	"github.com/PlakarKorp/kloset/objects"
	"github.com/PlakarKorp/kloset/repository"
	"github.com/PlakarKorp/kloset/resources"
	"github.com/PlakarKorp/kloset/snapshot"
	"github.com/PlakarKorp/kloset/snapshot/importer"
	"github.com/PlakarKorp/kloset/storage"
	"github.com/PlakarKorp/kloset/versioning"
)

const version = "kloset/v1.0.12"

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "kloset10:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	ctx := newContext()
	defer ctx.Close()
	switch {
	case len(args) == 1 && args[0] == "version":
		fmt.Println(version)
		return nil
	case len(args) == 3 && args[0] == "create":
		return create(ctx, args[1], args[2] == "encrypted")
	case len(args) == 3 && args[0] == "backup":
		return backup(ctx, args[1], args[2])
	case len(args) == 2 && args[0] == "check":
		return check(ctx, args[1])
	}
	return fmt.Errorf("unknown command %q", strings.Join(args, " "))
}

func newContext() *kcontext.KContext {
	ctx := kcontext.NewKContext()
	ctx.Client = version
	ctx.Hostname, _ = os.Hostname()
	ctx.OperatingSystem, ctx.Architecture = runtime.GOOS, runtime.GOARCH
	ctx.MaxConcurrency = 2
	ctx.Stdout, ctx.Stderr = os.Stderr, os.Stderr
	ctx.SetLogger(logging.NewLogger(os.Stderr, os.Stderr))
	ctx.SetCache(caching.NewManager(newMemoryCache))
	return ctx
}

func locationOf(path string) map[string]string {
	return map[string]string{"location": "fs://" + path}
}

func create(ctx *kcontext.KContext, path string, encrypted bool) error {
	config := storage.NewConfiguration()
	hasher := hashing.GetHasher(storage.DEFAULT_HASHING_ALGORITHM)
	if encrypted {
		key, err := encryption.DeriveKey(config.Encryption.KDFParams, passphrase())
		if err != nil {
			return err
		}
		if config.Encryption.Canary, err = encryption.DeriveCanary(config.Encryption, key); err != nil {
			return err
		}
		hasher = hashing.GetMACHasher(storage.DEFAULT_HASHING_ALGORITHM, key)
	} else {
		config.Encryption = nil
	}
	wrapped, err := wrap(hasher, config)
	if err != nil {
		return err
	}
	store, err := storage.Create(ctx, locationOf(path), wrapped)
	if err != nil {
		return err
	}
	return store.Close(ctx)
}

func wrap(hasher hash.Hash, config *storage.Configuration) ([]byte, error) {
	plain, err := config.ToBytes()
	if err != nil {
		return nil, err
	}
	current := versioning.GetCurrentVersion(resources.RT_CONFIG)
	wrapped, err := storage.Serialize(hasher, resources.RT_CONFIG, current, bytes.NewReader(plain))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(wrapped)
}

func passphrase() []byte { return []byte(os.Getenv("PLAKAR_PASSPHRASE")) }

func open(ctx *kcontext.KContext, path string) (*repository.Repository, error) {
	store, wrapped, err := storage.Open(ctx, locationOf(path))
	if err != nil {
		return nil, err
	}
	config, err := storage.NewConfigurationFromWrappedBytes(wrapped)
	if err != nil {
		return nil, err
	}
	var key []byte
	if config.Encryption != nil {
		if key, err = encryption.DeriveKey(config.Encryption.KDFParams, passphrase()); err != nil {
			return nil, err
		}
		if !encryption.VerifyCanary(config.Encryption, key) {
			return nil, fmt.Errorf("wrong passphrase")
		}
	}
	return repository.New(ctx, key, store, wrapped)
}

func backup(ctx *kcontext.KContext, path, directory string) error {
	repo, err := open(ctx, path)
	if err != nil {
		return err
	}
	defer repo.Close()
	source, err := importer.NewImporter(ctx, &importer.Options{
		Hostname:        ctx.Hostname,
		OperatingSystem: ctx.OperatingSystem,
		Architecture:    ctx.Architecture,
		CWD:             "/",
		MaxConcurrency:  ctx.MaxConcurrency,
	}, locationOf(directory))
	if err != nil {
		return err
	}
	defer source.Close(ctx)
	builder, err := snapshot.Create(repo, repository.DefaultType, "", objects.NilMac)
	if err != nil {
		return err
	}
	defer builder.Close()
	if err := builder.Backup(source, &snapshot.BackupOptions{MaxConcurrency: 2, Name: "default"}); err != nil {
		return err
	}
	fmt.Printf("%x\n", builder.Header.GetIndexShortID())
	return nil
}

func check(ctx *kcontext.KContext, path string) error {
	repo, err := open(ctx, path)
	if err != nil {
		return err
	}
	defer repo.Close()
	cache, err := ctx.GetCache().Check()
	if err != nil {
		return err
	}
	defer cache.Close()
	for id := range repo.ListSnapshots() {
		snap, err := snapshot.Load(repo, id)
		if err != nil {
			return err
		}
		snap.SetCheckCache(cache)
		if err := snap.Check("/", &snapshot.CheckOptions{MaxConcurrency: 2}); err != nil {
			return err
		}
		fmt.Printf("%x\n", snap.Header.GetIndexShortID())
		snap.Close()
	}
	return nil
}
