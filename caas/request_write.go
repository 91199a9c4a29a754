package caas

import (
	"bytes"
	_ "embed" // the page
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"

	"github.com/personalised-prevention/nhs"
)

// WriteJSON writes the request as JSON, which [ParseRequest] reads back identically.
func (r *Request) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return r.written(e.Encode(r))
}

// ParseRequest reads what [Request.WriteJSON] has written. Unknown names and anything
// after the request are errors: an [*nhs.ArgumentError] that does not repeat the text.
func ParseRequest(document []byte) (*Request, error) {
	d := json.NewDecoder(bytes.NewReader(document))
	d.DisallowUnknownFields()
	var r Request
	err := d.Decode(&r)
	if err == nil {
		if _, more := d.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("more follows")
		}
	}
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return nil, &nhs.ArgumentError{Name: "request", Reason: "must have a value of another kind at " + wrong.Field}
	}
	if err != nil {
		return nil, &nhs.ArgumentError{Name: "request", Reason: fmt.Sprintf("must be one request as JSON, and is not near byte %d", d.InputOffset())}
	}
	return &r, nil
}

// WriteHTML writes the request as one page that loads nothing from anywhere, for the
// screen and for paper.
func (r *Request) WriteHTML(w io.Writer) error {
	var page bytes.Buffer
	form, err := template.New("request").Parse(requestPage)
	if err == nil {
		err = form.Execute(&page, r.view())
	}
	if err == nil {
		_, err = io.WriteString(w, visible(page.String()))
	}
	return r.written(err)
}

//go:embed request.html
var requestPage string

func (*Request) written(err error) error {
	if err != nil {
		return fmt.Errorf("caas: request: %w", err)
	}
	return nil
}

// requestView arranges a request as a document. Every form of it has these parts.
type requestView struct {
	*Request

	Hash     string
	Missing  []MissingItem
	Sections []requestSection
}

type requestSection struct {
	ID     string // for the page
	Title  string
	Fields []requestField
}

// requestField is a question with its answer.
type requestField struct {
	Title string
	Text  string
	Item  MissingItem // if Text is empty
}

func (r *Request) view() requestView {
	v := requestView{Request: r, Hash: r.Hash(), Missing: r.Missing()}
	missing := map[string]bool{}
	for _, m := range v.Missing {
		missing[m.Field] = true
	}
	for _, q := range questions() {
		if n := len(v.Sections); n == 0 || v.Sections[n-1].Title != q.section {
			v.Sections = append(v.Sections, requestSection{ID: fmt.Sprintf("section-%d", n+1), Title: q.section})
		}
		field := requestField{Title: q.title, Text: *q.field(r), Item: q.item}
		if missing[q.item.Field] {
			field.Text = ""
		}
		section := &v.Sections[len(v.Sections)-1]
		section.Fields = append(section.Fields, field)
	}
	return v
}
