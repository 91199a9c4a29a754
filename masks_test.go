package nhs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs"
	"github.com/personalised-prevention/nhs/caas"
	"github.com/personalised-prevention/nhs/campaign"
	"github.com/personalised-prevention/nhs/mesh"
	"github.com/personalised-prevention/nhs/mesh/optout"
	"github.com/personalised-prevention/nhs/notify"
	"github.com/personalised-prevention/nhs/pds"
)

const module = "github.com/personalised-prevention/nhs"

// TestWhatHoldsANumberLogsItself reads the types of the module. A JSON log asks a value for its JSON, which of
// a Number is its digits; so whatever shows a Number in its fields must say how it is logged, or be an error.
func TestWhatHoldsANumberLogsItself(t *testing.T) {
	t.Parallel()
	held := 0
	for _, p := range packages(t) {
		for _, name := range p.Scope().Names() {
			declared, ok := p.Scope().Lookup(name).(*types.TypeName)
			if !ok || !declared.Exported() || !holdsNumber(declared.Type(), map[types.Type]bool{}) {
				continue
			}
			held++
			methods := types.NewMethodSet(declared.Type())
			failure := types.NewMethodSet(types.NewPointer(declared.Type())).Lookup(p, "Error") != nil
			if methods.Lookup(p, "LogValue") == nil && !failure {
				t.Errorf("%s.%s holds an NHS number and has no LogValue", p.Path(), name)
			}
		}
	}
	if held < 10 {
		t.Errorf("only %d types were found", held)
	}
}

// packages returns what a user's program may import, from the files of the compiler. Fakes are left out: their
// people are made up.
func packages(t *testing.T) (found []*types.Package) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-export", "-deps", "-json=ImportPath,Export", "./...")
	list.Stderr = os.Stderr
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	files, paths := map[string]string{}, []string{}
	for lines := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string `json:"ImportPath"`
			Export     string `json:"Export"`
		}
		if err := lines.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		files[p.ImportPath] = p.Export
		fake := strings.HasSuffix(p.ImportPath, "test")
		if strings.HasPrefix(p.ImportPath, module) && !strings.Contains(p.ImportPath, "/internal/") && !strings.Contains(p.ImportPath, "/examples") && !fake {
			paths = append(paths, p.ImportPath)
		}
	}
	compiled := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
	for _, path := range paths {
		p, err := compiled.Import(path)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, p)
	}
	return found
}

// holdsNumber reports whether the exported fields of a type lead to a Number.
func holdsNumber(of types.Type, seen map[types.Type]bool) bool {
	if named, ok := of.(*types.Named); ok {
		in := named.Obj().Pkg()
		if in == nil || !strings.HasPrefix(in.Path(), module) {
			return false
		}
		if in.Path() == module && named.Obj().Name() == "Number" {
			return true
		}
	}
	if seen[of] {
		return false
	}
	seen[of] = true
	switch of := of.Underlying().(type) {
	case interface{ Elem() types.Type }: // pointer, slice, array, map
		m, isMap := of.(*types.Map)
		return holdsNumber(of.Elem(), seen) || isMap && holdsNumber(m.Key(), seen)
	case *types.Struct:
		for field := range of.Fields() {
			if field.Exported() && holdsNumber(field.Type(), seen) {
				return true
			}
		}
	}
	return false
}

// TestErrorsTellNobody has errors hold an NHS number wherever a service, a file or a program chooses the text.
func TestErrorsTellNobody(t *testing.T) {
	t.Parallel()
	const secret = "999.000.0018"
	n := nhs.MustNumber("9990000018")
	cause := errors.New("for " + secret)
	refused := &nhs.Error{Op: "x", StatusCode: 400, Code: secret, Issues: []nhs.Issue{{Code: secret, Text: secret}}, Cause: cause}
	for _, err := range []error{
		&nhs.AuthError{StatusCode: 400, Code: secret, Description: secret, Cause: cause},
		refused,
		&mesh.Error{Event: secret, Code: secret, MessageID: secret, Err: refused},
		&mesh.SendError{MessageID: secret, Err: refused},
		&caas.ApplyError{Err: cause},
		&caas.DeliveryError{ID: secret, Err: refused},
		&caas.RowError{Row: 1, Column: "x", Reason: "x", Type: secret},
		&pds.ConflictError{Current: &pds.Patient{Number: n}, Cause: refused},
		&pds.MatchError{Number: n, Cause: refused},
		&optout.ReplyError{LocalID: "x", MessageID: secret, Err: refused},
	} {
		var out strings.Builder
		for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
			slog.New(handler).Error("failed", "error", err)
		}
		fmt.Fprintf(&out, "%v %+v %#v %s %q", err, err, err, err, err)
		if strings.Contains(out.String(), secret) || strings.Contains(out.String(), n.Reveal()) {
			t.Errorf("%T shows the number: %s", err, &out)
		}
	}
}

// TestLogsTellNobody logs what holds people: how many and what became of them, not who.
func TestLogsTellNobody(t *testing.T) {
	t.Parallel()
	n := nhs.MustNumber("9990000018")
	record := caas.Record{Row: 7, Number: n, FamilyName: "Houlaghan"}
	for want, value := range map[string]any{
		`{"row":7}`: caas.RuleCase{Record: record, Existing: &record},
		`{"row":7,"type":"[redacted]","kind":"joined"}`:              caas.Change{Row: 7, Number: n, Type: "9990000018", Kind: caas.ChangeJoined},
		`{"notifications":true}`:                                     notify.AppAccount{Person: n, Notifications: true},
		`{"practice":"A81001","accounts":1,"unreadable":0,"next":2}`: notify.AccountsPage{Practice: "A81001", Accounts: []notify.AppAccount{{Person: n}}, Next: 2},
		`{"allowed":1,"at":"0001-01-01T00:00:00Z"}`:                  campaign.Screened{Allowed: []nhs.Number{n}},
		`{"opted_out":1,"not_opted_out":0}`:                          optout.Sentinels{OptedOut: []nhs.Number{n}},
	} {
		var log strings.Builder
		slog.New(slog.NewJSONHandler(&log, nil)).Info("found", "value", value)
		if _, got, _ := strings.Cut(strings.TrimSpace(log.String()), `"value":`); got != want+"}" {
			t.Errorf("%T was logged as %s, want %s", value, got, want)
		}
	}
}
