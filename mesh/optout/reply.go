package optout

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/internal/redact"
)

// readReply reads what the service sent for a list: the people it left in; nil for
// news of progress; or an error that wraps [ErrRefused] or [ErrMismatch]. Other
// errors are those of from.
//
// What it is shows in its first character, because nothing public says how else:
// lines of numbers, a JSON object, or a line of text.
func readReply(from io.Reader, list *List) (*Result, error) {
	content := bufio.NewReaderSize(from, 64<<10)
	first, err := content.Peek(1)
	switch {
	case errors.Is(err, io.EOF):
		return newResult(list), nil // nobody was left in
	case err != nil:
		return nil, err
	case first[0] == '{':
		return nil, readStages(content)
	case first[0] >= '0' && first[0] <= '9', first[0] == '\n', first[0] == '\r':
		return readNumbers(content, list)
	default:
		return nil, readRefusal(content)
	}
}

func mismatch(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMismatch}, args...)...)
}

// readNumbers reads a reply, in whatever order. A file of line ends only is one that
// has nobody left in it. A last line without its line feed is complete if it has its
// comma; a carriage return before the line feed changes nothing.
func readNumbers(content *bufio.Reader, list *List) (*Result, error) {
	r := newResult(list)
	scan := bufio.NewScanner(content)
	line, next, blank, left := 0, 0, 0, 0
	for scan.Scan() {
		line++
		if len(scan.Bytes()) == 0 {
			blank++
			continue
		}
		digits, comma := bytes.CutSuffix(scan.Bytes(), []byte(","))
		number, err := nhs.ParseNumber(string(digits))
		if err != nil || !comma || len(digits) != lineSize-2 {
			return nil, mismatch("line %d is not an NHS number and a comma", line)
		}
		at := next // a reply in the order of the request seldom needs a search
		if at == len(list.numbers) || list.numbers[at] != number {
			var asked bool
			if at, asked = slices.BinarySearchFunc(list.numbers, number, nhs.Number.Compare); !asked {
				return nil, mismatch("line %d has a number that was not asked about", line)
			}
		}
		if r.has(at) {
			return nil, mismatch("line %d has a number that an earlier line has", line)
		}
		r.set(at)
		left++
		next = at + 1
	}
	switch err := scan.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, mismatch("line %d is not an NHS number and a comma", line+1)
	case err != nil:
		return nil, err
	case blank > 0 && left > 0:
		return nil, mismatch("there are lines without a number")
	}
	return r, nil
}

// maxText bounds what is not a list of numbers.
const maxText = 1 << 20

func readText(content io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(content, maxText+1))
	if err == nil && len(text) > maxText {
		err = mismatch("it is neither numbers nor short")
	}
	return text, err
}

// readStages reads the progress of a request: it is refused when a stage was not
// passed.
func readStages(content io.Reader) error {
	text, err := readText(content)
	if err != nil {
		return err
	}
	var news struct {
		Stages []struct {
			Name   string `json:"stage"`
			Passed *bool  `json:"passed"` // null until it is known
		} `json:"stages"`
	}
	if json.Unmarshal(text, &news) != nil || len(news.Stages) == 0 {
		return mismatch("it is JSON without stages")
	}
	var failed []string
	for _, s := range news.Stages {
		if s.Passed != nil && !*s.Passed {
			failed = append(failed, stageFailure(s.Name))
		}
	}
	if len(failed) > 0 {
		return fmt.Errorf("%w: %s", ErrRefused, strings.Join(failed, "; "))
	}
	return nil
}

// stageFailure says what a stage that was not passed means.
func stageFailure(stage string) string {
	switch stage {
	case "validate_non_empty_file":
		return "the file was empty (" + stage + ")"
	case "validate_is_unique_upload":
		return "the file or its name has come before (" + stage + "): prepare it under the next sequence number"
	case "validate_in_order":
		return "the file is out of order (" + stage + "): prepare it under a higher sequence number"
	}
	if stage = redact.Code(stage); stage == "" {
		stage = "without a name"
	}
	return "it did not pass the stage " + stage
}

// maxRefusal is the longest line that is taken for an error file.
const maxRefusal = 500

// readRefusal reads an error file, of one line.
func readRefusal(content io.Reader) error {
	text, err := readText(content)
	if err != nil {
		return err
	}
	line := strings.TrimRight(string(text), "\r\n")
	odd := strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) || r == unicode.ReplacementChar })
	if odd || len(line) > maxRefusal {
		return mismatch("it is neither numbers nor one line of text")
	}
	return fmt.Errorf("%w: it says %q", ErrRefused, redact.Text(line))
}
