package pds

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/personalised-prevention/nhs"
	gen "github.com/personalised-prevention/nhs/internal/gen/pds"
	"github.com/personalised-prevention/nhs/internal/transport"
)

// Update changes a patient's record as edit says, and returns its new version:
// PATCH /Patient/{id}. The changes happen together or not at all.
//
// An edit that changes nothing, or breaks a rule that this package knows, gives
// [*nhs.ArgumentError]s; see [Edit.Patches]. If the record has changed since the
// patient was read, the error is a [*ConflictError] with the record as it is now:
// edit that one, if the change still makes sense.
//
// Update is retried under the same X-Request-ID. When a retry finds the change
// made already, by an attempt whose answer was lost, that is success. It needs
// healthcare worker access. Patients may change addresses, contacts, mobile numbers
// and email addresses, communication, pharmacies and birth place of their own
// record; see [ErrAccess].
func (c *Client) Update(ctx context.Context, edit *Edit) (*Patient, error) {
	const op = "pds.Update"
	if err := c.permit(op, c.updaters...); err != nil {
		return nil, err
	}
	if edit == nil {
		return nil, fmt.Errorf("%s: %w", op, refuse("edit", "must not be nil"))
	}
	patches, err := edit.patches(latestToday(c.app.Settings().Now()))
	if err == nil && len(patches) == 0 {
		err = refuse("edit", "must change something")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", op, err)
	}
	if err := c.permitChanges(op, edit, patches); err != nil {
		return nil, err
	}
	body := gen.PatchRequest{Patches: each(patches, Patch.wire)}
	params := &gen.UpdatePatientPartialParams{IfMatch: edit.ETag()}
	got, answer, err := transport.Do[patientAnswer](ctx, c.chain, transport.Call{Op: op, Repeatable: true},
		func(ctx context.Context) (*http.Response, error) {
			return c.api.UpdatePatientPartialWithApplicationJSONPatchPlusJSONBody(ctx, edit.Number().Reveal(), params, body)
		})
	if err != nil {
		return c.settleUpdate(ctx, edit.Number(), refined(err))
	}
	return patientOf(op, answer, &got)
}

// permitChanges refuses what patients cannot change themselves.
func (c *Client) permitChanges(op string, edit *Edit, patches []Patch) error {
	if c.access != nhs.PatientAccess {
		return nil
	}
	for _, p := range patches {
		switch member, _, _ := strings.Cut(p.Path[1:], "/"); member {
		case "address", "contact", "telecom", "extension": // of the last two some only
		default:
			return c.permit(op+" of "+member, nhs.HealthcareWorkerAccess)
		}
	}
	for _, it := range edit.telecom.items {
		if edit.telecom.changes(it) && it.after.Use != Mobile && it.after.System != Email {
			return c.permit(op+" of telecom other than mobile and email", nhs.HealthcareWorkerAccess)
		}
	}
	for _, it := range edit.extensions.items {
		if name := nameOf(contentOf(it.after)); edit.extensions.changes(it) && !isPatients(name) {
			return c.permit(op+" of "+name, nhs.HealthcareWorkerAccess)
		}
	}
	return nil
}

// isPatients reports whether patients may change the extension of that name.
func isPatients(name string) bool {
	return slices.ContainsFunc([]string{communication, pharmacy, dispenser, supplier, birthPlace},
		func(url string) bool { return lastSegment(url) == name })
}
