package synthetic

// shuffle mixes the rows of a sheet.
func (s *sheet) shuffle(d *dice) {
	s.expand()
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
		if len(c.null) == 0 {
			continue
		}
		c.upTo(s.rows)
		c.null = shuffled(c.null, order)
		c.places, c.texts = shuffled(c.places, order), shuffled(c.texts, order)
		c.numbers, c.days = shuffled(c.numbers, order), shuffled(c.days, order)
	}
}

// shuffled returns values in another order; there may be none of the kind.
func shuffled[T any](values []T, order []int) []T {
	if len(values) == 0 {
		return values
	}
	mixed := make([]T, len(values))
	for to, from := range order {
		mixed[to] = values[from]
	}
	return mixed
}
