package synthetic

import "context"

// KeyColumns returns the column that holds the key, by table.
func KeyColumns(p *Population) map[string]string {
	names := make(map[string]string)
	for _, s := range p.newGenerator().sheets {
		names[s.table.Name()] = s.key
	}
	return names
}

// WriteAnyhow is Write into folders that have files.
func WriteAnyhow(ctx context.Context, p *Population, dir string, files Files) (Progress, error) {
	return p.write(ctx, dir, files)
}
