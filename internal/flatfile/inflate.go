package flatfile

import (
	"bytes"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/format"
)

// inflater takes pages out of their compression. Its zero value is ready.
type inflater struct {
	source bytes.Reader
	gzip   *gzip.Reader
	zstd   *zstd.Decoder // of streams
	whole  *zstd.Decoder // of what fits into the room there is
}

// inflate appends the content of src to dst. It is an error if that is not size
// bytes; memory grows with what really comes, by way of grow.
func (f *inflater) inflate(dst, src []byte, codec format.CompressionCodec, size int64, grow func([]byte, int64) ([]byte, error)) ([]byte, error) {
	if size == 0 && len(src) == 0 {
		return dst, nil
	}
	if codec == format.Snappy {
		return unsnap(dst, src, size, grow)
	}
	if codec == format.Uncompressed && size == int64(len(src)) {
		dst, err := grow(dst, int64(len(dst))+size)
		return append(dst, src...), err
	}
	if codec == format.Zstd && size <= 64*int64(len(src)) {
		return f.unzstd(dst, src, size, grow)
	}
	r, err := f.reader(src, codec)
	if err != nil {
		return nil, err
	}
	return fill(dst, r, size, grow)
}

// unzstd appends what src holds, which is long enough to be given all the room beforehand. That is much faster
// than a stream.
func (f *inflater) unzstd(dst, src []byte, size int64, grow func([]byte, int64) ([]byte, error)) (_ []byte, err error) {
	if f.whole == nil {
		f.whole, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow),
			zstd.WithDecodeAllCapLimit(true), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
	}
	start := int64(len(dst))
	if dst, err = grow(dst, start+size); err != nil {
		return nil, err
	}
	out, err := f.whole.DecodeAll(src, dst[:start:start+size])
	switch {
	case errors.Is(err, zstd.ErrDecoderSizeExceeded):
		return nil, errTooLong
	case err != nil:
		return nil, err
	case int64(len(out)) != start+size:
		return nil, errTooShort
	default:
		return dst[:len(out)], nil
	}
}

// reader returns a reader of the content of src.
func (f *inflater) reader(src []byte, codec format.CompressionCodec) (io.Reader, error) {
	f.source.Reset(src)
	if codec == format.Gzip {
		if f.gzip == nil {
			f.gzip = new(gzip.Reader)
		}
		return f.gzip, f.gzip.Reset(&f.source)
	}
	if codec == format.Zstd {
		if f.zstd == nil {
			d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
			if err != nil {
				return nil, err
			}
			f.zstd = d
		}
		return f.zstd, f.zstd.Reset(&f.source)
	}
	return &f.source, nil
}

var (
	errTooLong  = errors.New("a page grows beyond its declared size")
	errTooShort = errors.New("a page does not have its declared size")
)

// fill appends size bytes of r to dst, and makes sure that there are no more.
func fill(dst []byte, r io.Reader, size int64, grow func([]byte, int64) ([]byte, error)) ([]byte, error) {
	end := len(dst) + int(size)
	for len(dst) < end {
		if len(dst) == cap(dst) {
			var err error
			if dst, err = grow(dst, int64(min(end, max(2*cap(dst), 64<<10)))); err != nil {
				return nil, err
			}
		}
		n, err := r.Read(dst[len(dst):min(end, cap(dst))])
		dst = dst[:len(dst)+n]
		switch {
		case errors.Is(err, io.EOF) && len(dst) < end:
			return nil, errTooShort
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		}
	}
	var more [1]byte
	switch n, err := io.ReadFull(r, more[:]); {
	case n > 0:
		return nil, errTooLong
	case !errors.Is(err, io.EOF):
		return nil, err // a wrong checksum, for one
	default:
		return dst, nil
	}
}

// unsnap appends what a block of snappy holds. Its decoder needs all the room
// beforehand, which is given only if src is long enough to fill it.
func unsnap(dst, src []byte, size int64, grow func([]byte, int64) ([]byte, error)) ([]byte, error) {
	n, err := snappy.DecodedLen(src)
	switch {
	case err != nil:
		return nil, err
	case int64(n) > size:
		return nil, errTooLong
	case int64(n) < size:
		return nil, errTooShort
	case size > 64+22*int64(len(src)): // a copy of 64 bytes takes three
		return nil, errInconsistent
	}
	start := len(dst)
	if dst, err = grow(dst, int64(start)+size); err != nil {
		return nil, err
	}
	dst = dst[:start+n]
	_, err = snappy.Decode(dst[start:], src)
	return dst, err
}
