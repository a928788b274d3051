package main

import (
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/PlakarKorp/kloset/caching"
)

// memoryCache keeps what Kloset knows of a repository for the length of one run.
type memoryCache struct {
	mu     sync.Mutex
	values map[string][]byte
}

func newMemoryCache(version, name, repository string, option caching.Option) (caching.Cache, error) {
	return &memoryCache{values: map[string][]byte{}}, nil
}

func (c *memoryCache) Put(key, value []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[string(key)] = slices.Clone(value)
	return nil
}

func (c *memoryCache) Has(key []byte) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.values[string(key)]
	return ok, nil
}

func (c *memoryCache) Get(key []byte) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.values[string(key)], nil
}

func (c *memoryCache) Delete(key []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.values, string(key))
	return nil
}

func (c *memoryCache) Scan(prefix []byte, reverse bool) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		c.mu.Lock()
		var keys []string
		for key := range c.values {
			if strings.HasPrefix(key, string(prefix)) {
				keys = append(keys, key)
			}
		}
		c.mu.Unlock()
		slices.Sort(keys)
		if reverse {
			slices.Reverse(keys)
		}
		for _, key := range keys {
			value, _ := c.Get([]byte(key))
			if value != nil && !yield([]byte(key), value) {
				return
			}
		}
	}
}

func (c *memoryCache) NewBatch() caching.Batch { return &memoryBatch{cache: c} }

func (c *memoryCache) Close() error { return nil }

// memoryBatch collects pairs until they are committed.
type memoryBatch struct {
	cache *memoryCache
	pairs [][2][]byte
}

func (b *memoryBatch) Put(key, value []byte) error {
	b.pairs = append(b.pairs, [2][]byte{slices.Clone(key), slices.Clone(value)})
	return nil
}

func (b *memoryBatch) Count() uint32 { return uint32(len(b.pairs)) }

func (b *memoryBatch) Commit() error {
	for _, pair := range b.pairs {
		if err := b.cache.Put(pair[0], pair[1]); err != nil {
			return err
		}
	}
	b.pairs = nil
	return nil
}
