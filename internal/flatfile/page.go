package flatfile

import (
	"encoding/binary"
	"hash/crc32"
	"math/bits"

	"github.com/klauspost/compress/s2"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// The bounds of a page.
const (
	maxPage     = 1 << 20 // bytes at which one that is plainly encoded is full
	maxPageRows = 1 << 20
)

// page is what the metadata say of a page.
type page struct {
	offset    int64 // in the chunk's pages
	size      int   // header included
	rows      int
	nulls     int
	coded     bool // by dictionary
	told      bool // there are bounds
	nan       bool // there would be bounds but for a value that has no place in the order
	low, high []byte
	keys      [2]uint64 // of the bounds, of numbers
}

// endPage encodes the page, if it has rows, and puts it behind the others.
func (a *Appender) endPage() {
	if a.rows == 0 || a.file.err != nil {
		return
	}
	if !a.plainly && !a.column.Coded && !a.paid() {
		a.decide()
	}
	w := a.file
	body := w.body[:0]
	if a.column.Optional {
		body = append(body, 0, 0, 0, 0)
		body = a.levels.encode(body, a.rows-a.nulls)
		binary.LittleEndian.PutUint32(body, uint32(len(body)-4)) //nolint:gosec // at most maxPageRows
	}
	p := page{offset: int64(len(a.chunk)), rows: a.rows, nulls: a.nulls, coded: !a.plainly && a.rows > a.nulls}
	encoding := format.Plain
	if p.coded {
		encoding = format.RLEDictionary
		a.boundCoded(uint32(len(a.pages) + 1)) //nolint:gosec // far fewer
		width := bits.Len(uint(a.dictionary.len() - 1))
		body = append(body, byte(width)) //nolint:gosec // at most 17
		body = a.ids.encode(body, width)
	} else {
		body = append(body, a.plain...)
	}
	a.bound(&p)
	w.body = body
	a.chunk, p.size = a.appendPage(a.chunk, format.PageHeader{
		Type: format.DataPage,
		DataPageHeader: thrift.New(format.DataPageHeader{
			NumValues: int32(a.rows), //nolint:gosec // at most maxPageRows
			Encoding:  encoding, DefinitionLevelEncoding: format.RLE, RepetitionLevelEncoding: format.RLE,
		}),
	})
	a.pages = append(a.pages, p)
	a.resetPage()
}

func (a *Appender) resetPage() {
	a.rows, a.nulls, a.bits = 0, 0, 0
	a.levels.reset()
	a.ids.reset()
	a.plain = a.plain[:0]
	a.bounds.reset()
}

// paid reports whether it has been found that the dictionary pays.
func (a *Appender) paid() bool {
	for i := range a.pages {
		if a.pages[i].coded {
			return true
		}
	}
	return false
}

// decide turns from the dictionary, to which the page is the first to point, to plain
// values if that is no longer.
func (a *Appender) decide() {
	size := 0
	d := &a.dictionary
	for ids, n := range a.ids.each {
		for _, id := range ids {
			if len(d.ends) > 0 {
				size += n * (4 + len(d.text(id)))
			} else {
				size += n * 8
			}
		}
	}
	if size == 0 || d.size() < size/4*3 {
		return
	}
	for ids, n := range a.ids.each {
		for _, id := range ids {
			if len(d.ends) > 0 {
				plainText(a, d.text(id), n)
			} else {
				a.plainNumber(d.numbers[id], n)
			}
		}
	}
	a.plainly = true
}

// boundCoded finds the bounds of a page of indexes, unless they are known of its numbers.
// stamp is the page's own.
func (a *Appender) boundCoded(stamp uint32) {
	d := &a.dictionary
	if len(d.ends) == 0 && a.known == nil {
		return
	}
	if n := d.len(); n > len(a.stamps) {
		a.stamps = append(a.stamps, make([]uint32, n-len(a.stamps))...)
	}
	stamps, signs := a.stamps, a.signs()
	for ids := range a.ids.each {
		for _, id := range ids {
			if stamps[id] == stamp {
				continue
			}
			stamps[id] = stamp
			if len(d.ends) > 0 {
				include(&a.bounds, d.text(id))
			} else {
				a.bounds.add(key(d.numbers[id], signs))
			}
		}
	}
}

// bound notes the bounds of the page, for itself and for the chunk.
func (a *Appender) bound(p *page) {
	if !a.bounds.some {
		return
	}
	if p.told = a.tells(&a.bounds); p.told {
		p.low, p.high = a.encoded(&a.bounds)
		p.keys = [2]uint64{a.bounds.low, a.bounds.high}
	}
	p.nan = !p.told
	if a.column.Type == format.ByteArray {
		include(&a.least, a.bounds.lowText)
		include(&a.least, a.bounds.highText)
	} else {
		a.least.add(a.bounds.low)
		a.least.add(a.bounds.high)
	}
}

// appendPage appends the page whose content is in the writer's body, and returns how
// long it is.
func (a *Appender) appendPage(dst []byte, header format.PageHeader) ([]byte, int) {
	w := a.file
	stored := w.compress(w.body)
	header.UncompressedPageSize = int32(len(w.body)) //nolint:gosec // a page is far from 2 GB
	header.CompressedPageSize = int32(len(stored))   //nolint:gosec // a page is far from 2 GB
	header.CRC = int32(crc32.ChecksumIEEE(stored))   //nolint:gosec // 32 bits, whatever their sign
	head, start := w.marshal(&header), len(dst)
	if n := start + len(head) + len(stored); n > cap(dst) {
		dst = append(make([]byte, 0, max(n, 2*cap(dst))), dst...)
	}
	dst = append(append(dst, head...), stored...)
	a.raw += int64(len(head) + len(w.body))
	return dst, len(dst) - start
}

// compress returns b as it is stored, good until the next call.
func (w *ColumnWriter) compress(b []byte) []byte {
	if w.layout.Codec == format.Snappy {
		if n := s2.MaxEncodedLen(len(b)); n > cap(w.packed) {
			w.packed = make([]byte, n)
		}
		return s2.EncodeSnappy(w.packed[:cap(w.packed)], b)
	}
	if w.layout.Codec == format.Zstd {
		w.packed = w.zstd.EncodeAll(b, w.packed[:0])
		return w.packed
	}
	return b
}

// endChunk returns what the footer says of the chunk, which goes where offset is, and its
// page index.
func (a *Appender) endChunk(offset int64) (format.ColumnChunk, pageIndexes) {
	w := a.file
	coded, plain, nulls := 0, 0, int64(0)
	for i := range a.pages {
		if a.pages[i].coded {
			coded++
		} else {
			plain++
		}
		nulls += int64(a.pages[i].nulls)
	}
	m := format.ColumnMetaData{
		Type: a.column.Type, PathInSchema: []string{a.column.Name}, Codec: w.layout.Codec,
		Encoding: []format.Encoding{format.RLE}, NumValues: int64(a.total), DataPageOffset: offset,
		Statistics: format.Statistics{NullCount: nulls},
	}
	stat := func(page format.PageType, encoding format.Encoding, n int) {
		m.EncodingStats = append(m.EncodingStats, format.PageEncodingStats{PageType: page, Encoding: encoding, Count: int32(n)}) //nolint:gosec // far fewer
	}
	a.dictionaryPage = a.dictionaryPage[:0]
	if coded > 0 {
		w.body = a.dictionary.encode(w.body[:0], a.column.Type == format.Int32)
		a.dictionaryPage, _ = a.appendPage(a.dictionaryPage, format.PageHeader{
			Type: format.DictionaryPage,
			DictionaryPageHeader: thrift.New(format.DictionaryPageHeader{
				NumValues: int32(a.dictionary.len()), Encoding: format.Plain, //nolint:gosec // at most maxEntries
			}),
		})
		m.DictionaryPageOffset, m.DataPageOffset = offset, offset+int64(len(a.dictionaryPage))
		m.Encoding = append(m.Encoding, format.Plain, format.RLEDictionary)
		stat(format.DictionaryPage, format.Plain, 1)
		stat(format.DataPage, format.RLEDictionary, coded)
	}
	if plain > 0 {
		if coded == 0 {
			m.Encoding = append(m.Encoding, format.Plain)
		}
		stat(format.DataPage, format.Plain, plain)
	}
	if a.tells(&a.least) {
		m.Statistics.MinValue, m.Statistics.MaxValue = a.encoded(&a.least)
	}
	m.TotalUncompressedSize = a.raw
	m.TotalCompressedSize = int64(len(a.dictionaryPage) + len(a.chunk))
	return format.ColumnChunk{MetaData: m}, a.pageIndexes(m.DataPageOffset)
}

// pageIndexes returns the page index of the chunk, whose pages begin at an offset. There
// are no bounds unless those of all pages can be told.
func (a *Appender) pageIndexes(offset int64) (index pageIndexes) {
	var locations format.OffsetIndex
	var bounds format.ColumnIndex
	told, first := a.ordered, int64(0)
	for i := range a.pages {
		p := &a.pages[i]
		locations.PageLocations = append(locations.PageLocations, format.PageLocation{
			Offset: offset + p.offset, CompressedPageSize: int32(p.size), FirstRowIndex: first, //nolint:gosec // a page is far from 2 GB
		})
		first += int64(p.rows)
		told = told && !p.nan
		bounds.NullPages = append(bounds.NullPages, !p.told)
		bounds.MinValues = append(bounds.MinValues, p.low)
		bounds.MaxValues = append(bounds.MaxValues, p.high)
		bounds.NullCounts = append(bounds.NullCounts, int64(p.nulls))
	}
	index.offsets = a.file.marshal(&locations)
	if told {
		bounds.BoundaryOrder = boundaryOrder(a.pages)
		index.columns = a.file.marshal(&bounds)
	}
	return index
}

// boundaryOrder returns in which order the bounds of the pages are.
func boundaryOrder(pages []page) format.BoundaryOrder {
	ascending, descending := true, true
	var last *page
	for i := range pages {
		p := &pages[i]
		if !p.told {
			continue
		}
		if last != nil {
			low, high := compareBounds(last, p)
			ascending = ascending && low <= 0 && high <= 0
			descending = descending && low >= 0 && high >= 0
		}
		last = p
	}
	switch {
	case ascending:
		return format.Ascending
	case descending:
		return format.Descending
	default:
		return format.Unordered
	}
}

// reset makes the column ready for the next chunk.
func (a *Appender) reset() {
	a.resetPage()
	a.total, a.raw = 0, 0
	a.plainly = a.column.Plain || a.column.Type == format.Boolean
	a.dictionary.reset()
	clear(a.stamps)
	clear(a.places)
	a.chunk, a.pages = a.chunk[:0], a.pages[:0]
	a.least.reset()
}
