package columnar

import "github.com/personalised-prevention/nhs/internal/flatfile"

// openFile is a file that is being read, by the cursor and by those who read its columns.
type openFile struct {
	*planFile
	outline *flatfile.File
	handle  *countingReader
	users   int
}

// openFile opens a file.
func (s *storeShard) openFile(f *planFile) (*openFile, error) {
	handle, err := f.open()
	if err != nil {
		return nil, err
	}
	s.read.Files++
	opened := &openFile{planFile: f, handle: &countingReader{handle, &s.read.Bytes}, users: 1}
	opened.outline = f.fileOf(opened.handle)
	return opened, nil
}

// release closes the file when nobody uses it any more.
func (f *openFile) release() {
	if f == nil {
		return
	}
	if f.users--; f.users == 0 {
		_ = f.handle.from.Close()
	}
}
