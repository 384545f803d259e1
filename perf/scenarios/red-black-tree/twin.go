// The same program in Go: `go run twin.go` prints the value and the median time of nine calls after three.
package main

import (
	"fmt"
	"sort"
	"time"
)

type version struct{ major, minor int32 }

type node[K any, V any] struct {
	red         bool
	left, right *node[K, V]
	key         K
	value       V
}

func isRed[K any, V any](n *node[K, V]) bool { return n != nil && n.red }

func over[K any, V any](a, x, b, y, c, z, d *node[K, V]) *node[K, V] {
	return &node[K, V]{true, &node[K, V]{false, a, b, x.key, x.value}, &node[K, V]{false, c, d, z.key, z.value}, y.key, y.value}
}

func withLeft[K any, V any](n, left *node[K, V]) *node[K, V] {
	if !n.red && isRed(left) {
		if y := left; isRed(y.left) {
			x := y.left
			return over(x.left, x, x.right, y, y.right, n, n.right)
		} else if isRed(y.right) {
			x := y.right
			return over(y.left, y, x.left, x, x.right, n, n.right)
		}
	}
	return &node[K, V]{n.red, left, n.right, n.key, n.value}
}

func withRight[K any, V any](n, right *node[K, V]) *node[K, V] {
	if !n.red && isRed(right) {
		if y := right; isRed(y.right) {
			x := y.right
			return over(n.left, n, y.left, y, x.left, x, x.right)
		} else if isRed(y.left) {
			x := y.left
			return over(n.left, n, x.left, x, x.right, y, y.right)
		}
	}
	return &node[K, V]{n.red, n.left, right, n.key, n.value}
}

func placed[K any, V any](n *node[K, V], key K, value V, compare func(K, K) int32) *node[K, V] {
	if n == nil {
		return &node[K, V]{true, nil, nil, key, value}
	}
	order := compare(key, n.key)
	if order < 0 {
		return withLeft(n, placed(n.left, key, value, compare))
	}
	if order > 0 {
		return withRight(n, placed(n.right, key, value, compare))
	}
	return &node[K, V]{n.red, n.left, n.right, key, value}
}

func inserted[K any, V any](n *node[K, V], key K, value V, compare func(K, K) int32) *node[K, V] {
	n = placed(n, key, value, compare)
	return &node[K, V]{false, n.left, n.right, n.key, n.value}
}

func (n *node[K, V]) each(visit func(K, V)) {
	if n != nil {
		n.left.each(visit)
		visit(n.key, n.value)
		n.right.each(visit)
	}
}

func (n *node[K, V]) blackHeight() int32 {
	if n == nil {
		return 0
	}
	left, right := n.left.blackHeight(), n.right.blackHeight()
	if left < 0 || left != right || n.red && (isRed(n.left) || isRed(n.right)) {
		return -1
	}
	if n.red {
		return left
	}
	return left + 1
}

func compareNumbers(a, b int32) int32 {
	if a < b {
		return -1
	} else if a > b {
		return 1
	}
	return 0
}

func compareVersions(a, b *version) int32 {
	if order := compareNumbers(a.major, b.major); order != 0 {
		return order
	}
	return compareNumbers(a.minor, b.minor)
}

func run() int32 {
	var tree *node[int32, int32]
	for step := int32(0); step < 20000; step++ {
		tree = inserted(tree, step*20077%32768, step, compareNumbers)
	}
	sum, place := int32(0), int32(0)
	for step := int32(0); step < 20000; step++ {
		n := tree
		for n != nil && n.key != step {
			if step < n.key {
				n = n.left
			} else {
				n = n.right
			}
		}
		hit := int32(-1)
		if n != nil {
			hit = n.value
		}
		sum = (sum*3 + hit) % 1000003
	}
	tree.each(func(k, v int32) {
		place++
		sum = (sum + k*(place%7) + v) % 1000003
	})
	result := sum*100 + tree.blackHeight()
	sum = 0
	var versions *node[*version, *version]
	for step := int32(0); step < 4000; step++ {
		k := step * 20077 % 32768
		versions = inserted(versions, &version{k / 16, k % 16}, &version{step / 16, step % 16}, compareVersions)
	}
	versions.each(func(k, v *version) {
		sum = (sum*5 + k.major*3 + k.minor + v.major + v.minor*7) % 1000003
	})
	return result + sum + versions.blackHeight()
}

func main() {
	var times []float64
	var value int32
	for i := 0; i < 12; i++ {
		start := time.Now()
		value = run()
		times = append(times, float64(time.Since(start).Microseconds())/1000)
	}
	times = times[3:]
	sort.Float64s(times)
	fmt.Printf("%d %.3f ms\n", value, times[4])
}
