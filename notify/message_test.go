package notify_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/personalised-prevention/nhs/notify"
)

// TestSecretsHideInJSON prints what holds people's details and keys in every way,
// also within lists and structures, which log handlers leave to fmt and to JSON.
func TestSecretsHideInJSON(t *testing.T) {
	t.Parallel()
	m := message(0)
	m.Personalisation = notify.Personalisation{"name": "hidden"}
	m.Contact = &notify.ContactDetails{Email: "hidden@example.com", Name: notify.Name{Last: "Hidden"}}
	secret := notify.CallbackSecret{ApplicationID: "app-id", APIKey: "hidden"}
	batch := notify.Batch{Plan: planID, Reference: "b-1", Messages: []notify.Message{m}}
	for _, v := range []any{
		m, &m,
		[]notify.Message{m},
		*m.Contact, m.Contact, batch, &batch, secret,
		[]notify.CallbackSecret{secret},
		struct {
			Message notify.Message
			Batch   *notify.Batch
			Secrets map[string]notify.CallbackSecret
		}{m, &batch, map[string]notify.CallbackSecret{"a": secret}},
	} {
		var out strings.Builder
		for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
			slog.New(handler).Info("x", "value", v)
		}
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		printed := strings.ToLower(out.String() + string(text) + fmt.Sprintf("%v %+v", v, v))
		if strings.Contains(printed, "hidden") || strings.Contains(printed, m.To.Reveal()) {
			t.Errorf("%T printed: %s", v, printed)
		}
	}
	text, err := json.Marshal([]any{m, batch, secret})
	want := `["notify.Message(ref-0)","notify.Batch(b-1, 1 messages)","CallbackSecret(app-id)"]`
	if err != nil || string(text) != want {
		t.Errorf("%s, %v, want %s", text, err, want)
	}
}
