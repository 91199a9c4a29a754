package columnar

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/personalised-prevention/nhs/internal/flatfile"
	"github.com/personalised-prevention/nhs/internal/tree"
)

// csv reads a file of comma-separated values, whose first line names the columns.
func (r *rowReader) csv(ctx context.Context, f *storeFile) error {
	opened, err := f.open()
	if err != nil {
		return fmt.Errorf("file %s: %w", f.name, err)
	}
	defer opened.Close()
	lines := &lineReader{from: opened, bytes: &r.read.Bytes}
	in, header, err := csvOf(lines)
	if err != nil {
		return fmt.Errorf("file %s: %w", f.name, err)
	}
	key, places, err := r.places(header)
	if err != nil {
		return fmt.Errorf("file %s: %w", f.name, err)
	}
	for row := int64(1); ; row++ {
		if row%4096 == 0 && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		lines.begin()
		cells, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = r.line(cells, key, places)
		}
		if err != nil {
			return fmt.Errorf("file %s, row %d: %w", f.name, row, withoutText(err))
		}
	}
}

// csvOf reads the line of column names.
func csvOf(from io.Reader) (in *csv.Reader, header []string, err error) {
	in = csv.NewReader(from)
	in.ReuseRecord = true
	if header, err = in.Read(); err != nil {
		return nil, nil, fmt.Errorf("there is no line of column names: %w", withoutText(err))
	}
	header = slices.Clone(header)
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	return in, header, nil
}

// withoutText leaves the line out of an error of the reader of lines.
func withoutText(err error) error {
	if inner, ok := errors.AsType[*csv.ParseError](err); ok {
		return inner.Err
	}
	return err
}

// places returns where the key and the columns are in a line; -1 for those that are not there.
func (r *rowReader) places(header []string) (key int, places []int, err error) {
	named := func(published string) int {
		name := r.shape.table.named(published)
		at := slices.Index(header, name)
		if at >= 0 && slices.Contains(header[at+1:], name) {
			err = fmt.Errorf("there are two columns %q", name)
		}
		return at
	}
	names := r.shape.keys
	if own := r.shape.table.place.Key; own != "" {
		names = []string{own}
	}
	key = -1
	for _, name := range names {
		if key = named(name); key >= 0 {
			break
		}
	}
	if key < 0 {
		return 0, nil, fmt.Errorf("there is no column that says whose a row is; it would be one of %q", names)
	}
	for i := range r.shape.columns {
		places = append(places, named(r.shape.columns[i].Name))
	}
	return key, places, err
}

// line hands out a line.
func (r *rowReader) line(cells []string, key int, places []int) error {
	r.row = r.row[:0]
	for i, at := range places {
		c := &r.shape.columns[i]
		if at < 0 || cells[at] == "" {
			r.addMissing(c.Kind)
			continue
		}
		switch c.Kind {
		case tree.Date:
			day, f := dayOfText([]byte(cells[at]))
			r.addDay(day)
			if f != sound {
				r.count(c.Name, f)
			}
		case tree.Number:
			x, f := numberOfText(cells[at])
			r.addNumber(x)
			if f != sound {
				r.count(c.Name, f)
			}
		case tree.Text, tree.Code, tree.Codes:
			if len(cells[at]) > flatfile.MaxText {
				return errLongText
			}
			if !utf8.ValidString(cells[at]) {
				return fmt.Errorf("column %q is not UTF-8", c.Name)
			}
			r.addText(cells[at])
		}
	}
	who := nobody()
	switch text := cells[key]; {
	case len(text) > maxKey:
		return errLongKey
	case text != "":
		who = newKey([]byte(text))
	}
	return r.flush(who)
}

func numberOfText(text string) (float64, fault) {
	x, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch {
	case err != nil && !errors.Is(err, strconv.ErrRange):
		return math.NaN(), faultUnreadable
	case math.IsNaN(x) || math.IsInf(x, 0):
		return math.NaN(), faultNotFinite
	default:
		return x + 0, sound
	}
}

// lineReader is a reader that counts, and that has so many bytes for a line at most: a quote that is never closed would
// take all of a file into memory.
type lineReader struct {
	from  io.Reader
	bytes *int64
	line  int
}

const maxLine = 64 << 20

var errLongLine = errors.New("the line, or a quoted cell that does not end, is longer than 64 MiB")

func (l *lineReader) begin() { l.line = 0 }

func (l *lineReader) Read(p []byte) (int, error) {
	if l.line > maxLine {
		return 0, errLongLine
	}
	n, err := l.from.Read(p)
	*l.bytes += int64(n)
	l.line += n
	return n, err //nolint:wrapcheck // as it is
}
