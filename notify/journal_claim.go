package notify

import "sync/atomic"

// claim is held by the Send that writes a journal. The journals of this package
// embed one each; those of others may have their own protection.
type claim struct{ held atomic.Bool }

func (c *claim) take() bool { return c.held.CompareAndSwap(false, true) }
func (c *claim) drop()      { c.held.Store(false) }

// claimJournal keeps other Sends from a journal until drop is called.
func claimJournal(journal Journal) (drop func(), err error) {
	c, ok := journal.(interface {
		take() bool
		drop()
	})
	if !ok {
		return func() {}, nil
	}
	if !c.take() {
		return nil, ErrJournalInUse
	}
	return c.drop, nil
}
