// Package ttlmap stands in for the module of this name, which plakar's web interface alone uses: module
// proxies do not always serve it, and no test opens that interface.
package ttlmap

import (
	"sync"
	"time"
)

type entry[V any] struct {
	value   V
	expires time.Time
}

// Map holds values until they expire.
type Map[K comparable, V any] struct {
	mu      sync.Mutex
	ttl     time.Duration
	entries map[K]entry[V]
}

// New makes a map whose values live for ttl.
func New[K comparable, V any](ttl time.Duration) *Map[K, V] {
	return &Map[K, V]{ttl: ttl, entries: map[K]entry[V]{}}
}

// Add stores a value.
func (m *Map[K, V]) Add(key K, value V) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.entries[key] = entry[V]{value, time.Now().Add(m.ttl)}
}

// Get returns a value that has not expired.
func (m *Map[K, V]) Get(key K) (V, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.entries[key]
	if !ok || time.Now().After(e.expires) {
		delete(m.entries, key)
		var none V
		return none, false
	}
	return e.value, true
}

// Delete forgets a value.
func (m *Map[K, V]) Delete(key K) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.entries, key)
}

// AutoExpire has nothing to do: Get ignores what has expired.
func (m *Map[K, V]) AutoExpire() {}
