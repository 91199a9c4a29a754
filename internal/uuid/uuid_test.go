package uuid_test

import (
	"crypto/rand"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/internal/uuid"
)

func TestNew(t *testing.T) {
	t.Parallel()
	version4 := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		id, err := uuid.New(rand.Reader)
		if err != nil || !version4.MatchString(id) || seen[id] {
			t.Fatalf("got %s, %v", id, err)
		}
		seen[id] = true
	}
	if id, err := uuid.New(strings.NewReader("short")); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v", id, err)
	}
}
