package synthetic

// shuffle mixes the rows of a sheet.
func (s *sheet) shuffle(d *dice) {
	s.index()
	order := make([]int, s.rows)
	for i := range order {
		at := d.below(i + 1)
		order[i], order[at] = order[at], i
	}
	keys := make([]int64, 0, s.rows)
	for _, p := range s.people {
		for range p.rows {
			keys = append(keys, p.key)
		}
	}
	s.people = s.people[:0]
	for _, from := range order {
		s.people = append(s.people, people{keys[from], 1})
	}
	for _, c := range s.columns {
		old := *c
		c.places, c.texts, c.ends, c.numbers, c.days, c.present = nil, nil, nil, nil, nil, nil
		for to, from := range order {
			if i, ok := old.at(from); ok {
				c.mark(to)
				c.take(&old, i)
			}
		}
	}
}
