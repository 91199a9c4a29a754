package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/personalised-prevention/nhs/pds"
)

// sheet is the file of results. Its rows hold NHS numbers: it is personal data.
type sheet struct {
	file       *os.File
	rows       int    // whole rows, without the heading
	checkpoint string // of the last one, "" if there is none
}

// columns returns the heading. The last column says where to go on.
func columns() []string {
	return []string{"line", "asked", "outcome", "number", "practice", "reason", "checkpoint"}
}

// openSheet opens a file of results, or makes one. A row that was cut off in the
// middle is taken away: its person is traced again.
func openSheet(path string) (*sheet, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return nil, err
	}
	s := &sheet{file: file}
	if err := s.resume(); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// resume leaves the file after its last whole row.
func (s *sheet) resume() error {
	heading := strings.Join(columns(), ",") + "\n"
	lines, whole, last := bufio.NewReader(s.file), 0, ""
	for {
		line, err := lines.ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if whole == 0 && !strings.HasPrefix(heading, line) {
			return errors.New("the file of results is something else")
		}
		if err != nil {
			break // line is cut off
		}
		if whole > 0 {
			s.rows, last = s.rows+1, line
		}
		whole += len(line)
	}
	s.checkpoint = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	if err := s.file.Truncate(int64(whole)); err != nil {
		return err
	}
	if _, err := s.file.Seek(int64(whole), io.SeekStart); err != nil || whole > 0 {
		return err
	}
	return s.append(columns())
}

// write adds the row of a result.
func (s *sheet) write(r pds.Traced) error {
	row := []string{strconv.Itoa(r.Index + 1), r.Asked.Reveal(), string(r.Outcome), "", "", "", r.Checkpoint()}
	if r.Patient != nil {
		row[3], row[4] = r.Patient.Number.Reveal(), r.Patient.GeneralPractice()
	}
	if r.Err != nil {
		row[5] = r.Err.Error() // holds no personal data
	}
	s.rows++
	return s.append(row)
}

// append writes a row at once, so that an end without warning costs none.
func (s *sheet) append(row []string) error {
	w := csv.NewWriter(s.file)
	if err := w.Write(row); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

func (s *sheet) close() error { return s.file.Close() }
