// The same program in Go: `go run twin.go` prints the value and the median time of nine calls after three.
package main

import (
	"fmt"
	"sort"
	"time"
)

type heap[T any] struct {
	items  []T
	before func(T, T) bool
}

func (h *heap[T]) push(item T) {
	h.items = append(h.items, item)
	place := len(h.items) - 1
	for place > 0 {
		parent := (place - 1) / 2
		if !h.before(item, h.items[parent]) {
			break
		}
		h.items[place] = h.items[parent]
		place = parent
	}
	h.items[place] = item
}

func (h *heap[T]) pop() T {
	count := len(h.items) - 1
	item := h.items[count]
	h.items = h.items[:count]
	if count == 0 {
		return item
	}
	first := h.items[0]
	place, child := 0, 1
	for child < count {
		if child+1 < count && h.before(h.items[child+1], h.items[child]) {
			child++
		}
		if !h.before(h.items[child], item) {
			break
		}
		h.items[place] = h.items[child]
		place = child
		child = 2*place + 1
	}
	h.items[place] = item
	return first
}

type graph struct{ starts, targets, lengths []int32 }

func randomGraph(nodes, degree int32) graph {
	state := int32(42)
	below := func(limit int32) int32 {
		state = (state*1103 + 12345) % 1048576
		return state / 4 % limit
	}
	var g graph
	for node := int32(0); node < nodes; node++ {
		g.starts = append(g.starts, int32(len(g.targets)))
		g.targets = append(g.targets, (node+1)%nodes)
		g.lengths = append(g.lengths, 900)
		for i := int32(1); i < degree; i++ {
			g.targets = append(g.targets, below(nodes))
			g.lengths = append(g.lengths, 1+below(1000))
		}
	}
	g.starts = append(g.starts, int32(len(g.targets)))
	return g
}

type visit struct{ node, distance int32 }

func distances(g graph, source int32) []int32 {
	best := make([]int32, len(g.starts)-1)
	for i := range best {
		best[i] = 2147483647
	}
	best[source] = 0
	queue := heap[visit]{before: func(a, b visit) bool { return a.distance < b.distance }}
	queue.push(visit{source, 0})
	for len(queue.items) > 0 {
		v := queue.pop()
		if v.distance != best[v.node] {
			continue
		}
		for edge := g.starts[v.node]; edge < g.starts[v.node+1]; edge++ {
			target, distance := g.targets[edge], v.distance+g.lengths[edge]
			if distance < best[target] {
				best[target] = distance
				queue.push(visit{target, distance})
			}
		}
	}
	return best
}

func run() int32 {
	sum := int32(0)
	for _, distance := range distances(randomGraph(20000, 5), 0) {
		sum = (sum*3 + distance) % 1000003
	}
	return sum
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
