package ui

import (
	"path/filepath"

	"flightveil/internal/pipeline"
)

// folders counts outcomes by the folder of their source, in order of appearance.
type folders struct {
	index map[string]int
	all   []folder
}

type folder struct {
	path string
	pipeline.Totals
}

func (f *folders) add(o pipeline.Outcome) {
	path := filepath.Dir(o.Source.Label)
	i, ok := f.index[path]
	if !ok {
		if f.index == nil {
			f.index = map[string]int{}
		}
		i = len(f.all)
		f.index[path] = i
		f.all = append(f.all, folder{path: path})
	}
	f.all[i].Add(o)
}

// list returns the folders if there are several: the total of one is that of the run.
func (f *folders) list() []folder {
	if len(f.all) < 2 {
		return nil
	}
	return f.all
}
