// The same program in Go: `go run twin.go` prints the value and the median time of nine calls after three.
package main

import (
	"fmt"
	"sort"
	"time"
)

type tree struct{ left, right *tree }

func grown(depth int32) *tree {
	if depth == 0 {
		return &tree{}
	}
	return &tree{grown(depth - 1), grown(depth - 1)}
}

func (t *tree) count() int32 {
	if t.left == nil {
		return 1
	}
	return 1 + t.left.count() + t.right.count()
}

func run() int32 {
	const lowest, highest = 4, 14
	longLived := grown(highest)
	sum := grown(highest + 1).count()
	for depth := int32(lowest); depth <= highest; depth += 2 {
		check := int32(0)
		for i := 0; i < 1<<(highest-depth+lowest); i++ {
			check += grown(depth).count()
		}
		sum = (sum*31 + check) % 1000003
	}
	return sum + longLived.count()
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
