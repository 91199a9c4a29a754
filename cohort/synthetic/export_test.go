package synthetic

// KeyColumns returns the column that holds the key, by table.
func KeyColumns(p *Population) map[string]string {
	names := make(map[string]string)
	for _, s := range p.newGenerator().sheets {
		names[s.table.Name()] = s.key
	}
	return names
}
