package columnar

// openGroup is a row group whose columns are being read.
type openGroup struct {
	shard      *storeShard
	table      *shardTable
	file       *openFile
	group      int
	first, end int64 // its rows
	columns    [][]*columnReader
}

// groupAt returns the row group of a row, which is not before those asked for so far.
func (t *shardTable) groupAt(row int64) (*openGroup, error) {
	if n := len(t.groups); n > 0 && row < t.groups[n-1].end {
		for i := n - 1; ; i-- {
			if t.groups[i].first <= row {
				return t.groups[i], nil
			}
		}
	}
	f := t.table.fileAt(row)
	g := &openGroup{shard: t.shard, table: t}
	switch n := len(t.groups); {
	case t.openFile != nil && t.openFile.planFile == f:
		g.file = t.openFile
		g.file.users++
	case n > 0 && t.groups[n-1].file.planFile == f:
		g.file = t.groups[n-1].file
		g.file.users++
	default:
		var err error
		if g.file, err = t.shard.openFile(f); err != nil {
			return nil, t.fail(row, err)
		}
	}
	group, first := f.file.GroupAt(row - f.first)
	g.group, g.first = group, f.first+first
	g.end = g.first + f.file.GroupRows(g.group)
	t.groups = append(t.groups, g)
	sources := f.columns
	for i := range t.table.of.Columns {
		n := len(t.table.of.Columns[i].Sources)
		readers := make([]*columnReader, n)
		for j := range readers {
			c := &columnReader{group: g, source: &sources[j], converter: f.converter(t.shard.plan.store, &sources[j])}
			var err error
			if c.chunk, err = g.file.outline.Chunk(g.group, sources[j].at, t.shard.room); err != nil {
				return nil, c.fail(err)
			}
			c.pages = make([]*readPage, len(c.chunk.Pages))
			readers[j] = c
		}
		g.columns = append(g.columns, readers)
		sources = sources[n:]
	}
	return g, nil
}

// pagesEnd returns the first row behind a row at which some column comes to another page, at most end.
func (g *openGroup) pagesEnd(row, end int64) int64 {
	end = min(end, g.end)
	for _, sources := range g.columns {
		for _, c := range sources {
			p := &c.chunk.Pages[c.pageAt(row-g.first)]
			end = min(end, g.first+p.First+int64(p.Rows))
		}
	}
	return end
}

// recycle takes back the pages before a row.
func (g *openGroup) recycle(row int64) {
	for _, sources := range g.columns {
		for _, c := range sources {
			c.recycle(row - g.first)
		}
	}
}

func (g *openGroup) close() {
	for _, sources := range g.columns {
		for _, c := range sources {
			c.recycle(g.end - g.first)
			c.chunk.Release()
			if c.dict != nil {
				*c.dict = dictionary{}
			}
		}
	}
	g.columns = nil
	g.file.release()
	g.file = nil
}
