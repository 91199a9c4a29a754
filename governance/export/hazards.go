package export

// Incidents returns the hazards that a campaign's hazard log starts from: thirteen things that have gone
// wrong when people were selected and invited in England and Scotland, what was behind each, and what this
// module does about it, with the tests that prove it. They have no ratings: those are a clinical safety
// officer's, and until there is one a hazard has the highest risk. Add what is the campaign's own.
func Incidents() []Hazard {
	const module = "github.com/personalised-prevention/nhs/"
	control := func(text string, tests ...Test) Control { return Control{Text: text, Tests: tests} }
	in := func(folder string) func(names ...string) []Test {
		return func(names ...string) []Test {
			tests := make([]Test, len(names))
			for i, n := range names {
				tests[i] = Test{module + folder, n}
			}
			return tests
		}
	}
	all := func(lists ...[]Test) (tests []Test) {
		for _, l := range lists {
			tests = append(tests, l...)
		}
		return tests
	}
	gov, camp, coh, notify, optout := in("governance"), in("campaign"), in("cohort"), in("notify"), in("mesh/optout")
	return []Hazard{
		{
			ID: "H1", Title: "People are selected by another age than the one that was agreed",
			Incident: "Breast screening, 2018: over 120,000 women were not offered a final screen. The specification said birthday, systems used the year of birth, and nobody could show who had signed it.",
			Cause:    "Age is written without saying how it is counted, or on which day.",
			Effect:   "People who should be invited are not, or others are.",
			Controls: []Control{
				control("Age is a function of a birth date and a stated day, with one rule for birthdays, in every reader of a definition.", all(coh("TestDateAge", "TestDateAgeInMonths", "TestReadersAgree"), in("cohort/person")("TestAges"))...),
				control("The rule, the day and every code are in the digest that is signed.", all(coh("TestMutations"), gov("TestAnyChangeVoidsExactlyTheRightGates", "TestAuthorizeBuild"))...),
				control("Every signature is in a log that cannot be changed unseen, and can be shown.", gov("TestAudit", "TestVerifyDetectsAnyByte")...),
			},
		},
		{
			ID: "H2", Title: "A message about someone who has died",
			Incident: "Shielding, March 2020: 10,924 letters to people who had died, up to fourteen years before; one source was not checked against deaths.",
			Cause:    "One branch of the selection goes around the check for deaths.",
			Effect:   "Distress to bereaved families.",
			Controls: []Control{
				control("Suppressions are applied to the final list, after all sources are put together, by what builds the list.", all(camp("TestBuildExcludes"), gov("TestSuppressionsNeeded"))...),
				control("A check that is older than approved stops the batch.", all(gov("TestUncheckedPeople", "TestRefused"), camp("TestStaleScreen"))...),
				control("Test people who have died are planted in every list: one that gets through ends the build.", all(gov("TestUnsafeManifests"), camp("TestBuildStops"))...),
				control("Anybody who is trusted can halt a campaign, and only two people can resume it.", all(gov("TestHaltAndResume"), camp("TestRefusedMidStage"))...),
			},
		},
		{
			ID: "H3", Title: "People are missed because data are stale",
			Incident: "Shielding, winter 2020 to 2021: about 14,000 people were missed because part of the pipeline read an old extract.",
			Cause:    "A source is older than those who rely on it think.",
			Effect:   "People who should be invited are not.",
			Controls: []Control{
				control("Each data set has a maximum age, and the list names the snapshot it was made from.", gov("TestRefused", "TestUnsafeManifests")...),
				control("A list that is shorter or longer than expected is not sent.", gov("TestSize")...),
			},
		},
		{
			ID: "H4", Title: "People cannot be reached, or the wrong ones are, and nobody notices",
			Incident: "National Audit Office, 2021: 375,000 people could not be reached and 126,000 were contacted in error; hospital data were seven weeks old.",
			Cause:    "Contact details and data are out of date, and outcomes are not counted.",
			Effect:   "People who should be invited are not; others are alarmed.",
			Controls: []Control{
				control("Each stage is accounted for by channel and by reason of failure, and too many failures stop it and the next.", all(gov("TestLadder", "TestStageOverItsLimitsStops"), camp("TestReport"))...),
			},
		},
		{
			ID: "H5", Title: "Messages leave before the services that answer them are ready, or after the programme has ended",
			Incident: "Shielding texts, May 2020: people were told before their clinicians. Others were added after the programme had ended.",
			Cause:    "Approval of a list is taken as permission to start, and there is no end date.",
			Effect:   "People act on a message that nobody can help them with.",
			Controls: []Control{
				control("Release is a gate of its own, for each stage, with evidence that those upstream were told.", gov("TestEveryGateIsNeeded", "TestEveryGateIsNeededForEveryBatch")...),
				control("Nothing leaves before the window opens, after it has closed, or outside its hours.", gov("TestRefused", "TestDailyCapFollowsLondon")...),
			},
		},
		{
			ID: "H6", Title: "Invitations are made and not sent",
			Incident: "Cervical screening, 2018: 43,220 invitations and reminders and 4,508 results were not sent, and nobody compared what was made with what was sent.",
			Cause:    "Files are not handed over, and nobody reconciles.",
			Effect:   "People miss care they think they would be offered.",
			Controls: []Control{
				control("Everybody on a list ends in exactly one state, whatever crashes or is lost on the way.", all(camp("TestChaos"), notify("TestChaos", "TestReconcile"))...),
				control("A stage in which anybody is unaccounted for is not healthy, and the next does not start.", gov("TestLadder")...),
			},
		},
		{
			ID: "H7", Title: "The wrong text goes to everybody",
			Incident: "A practice in Askern, December 2022: a text about aggressive lung cancer went to its whole list in place of a Christmas greeting.",
			Cause:    "A text is chosen or typed at the moment of sending.",
			Effect:   "Fear, and loss of trust.",
			Controls: []Control{
				control("The digest of each text and of a rendered sample is signed; another text voids the approvals.", gov("TestVoidGates", "TestProposalValidate")...),
				control("Routing plans that send any text are refused unless that is approved knowingly.", gov("TestProposalValidate", "TestProposalValidateAllows")...),
				control("The first messages go to test people and then to few.", gov("TestLadder")...),
			},
		},
		{
			ID: "H8", Title: "People are selected by an impossible value",
			Incident: "COVID-19 priority groups, 2021: a man with a body mass index of 28,000, from a height of 6.2 centimetres, was invited.",
			Cause:    "Values are wrong in the record, and criteria have no bounds.",
			Effect:   "Wrong people are alarmed or given care they do not need.",
			Controls: []Control{
				control("Values that stand for none, and values that are no number, are unknown, and a rule has to say what unknown means.", all(coh("TestUnknownNumbers", "TestNewRefuses"), in("cohort/internal/cataloguetest")("TestSentinels"))...),
				control("A list that is longer than expected is not sent.", gov("TestSize")...),
			},
		},
		{
			ID: "H9", Title: "A message goes again, or after the rules have changed",
			Incident: "NHS Lothian, 2021: 2,500 teenagers were texted about a second dose in error. NHS Grampian, 2023: appointments of 2021 were texted again.",
			Cause:    "Rules change after approval; an old queue is replayed.",
			Effect:   "People act on a message that is not for them.",
			Controls: []Control{
				control("A changed rule voids the approvals of everything it touches.", gov("TestVoidGates")...),
				control("References are the same however often a batch is repeated, so that it is recognised.", notify("TestReference", "TestRepeatsAreIdentical", "TestBulkSurvivesKills")...),
				control("An approval that has expired, or a note that is older than what the person said since, counts for nothing.", gov("TestApprovalsEnd", "TestNoUndoing", "TestClockTurnedBack")...),
			},
		},
		{
			ID: "H10", Title: "Deaths that are recorded late",
			Incident: "Autumn boosters, 2023: letters to people who had been dead for up to decades.",
			Cause:    "Demographic records lag behind.",
			Effect:   "Distress to bereaved families.",
			Controls: []Control{
				control("The stage does not go on, and no later one starts, when NHS Notify stops too many of its messages because people have died.", gov("TestStageOverItsLimitsStops", "TestStageLimits")...),
				control("A check that is older than approved stops the batch.", gov("TestUncheckedPeople")...),
			},
		},
		{
			ID: "H11", Title: "A list is used for another purpose, or tells a parent about a child",
			Incident: "School vaccinations, 2026: over 30% of some year groups got invitations of an earlier programme; a parent could learn what a competent child had chosen.",
			Cause:    "Membership is carried from one programme to the next.",
			Effect:   "Breach of confidence; people are invited to what is not for them.",
			Controls: []Control{
				control("A list belongs to one proposal: no permit, list or token of another works.", gov("TestAnotherCohortsPermit", "TestList")...),
				control("Nobody under 16, or of unknown age, is messaged, and nobody but the person.", all(camp("TestUnderAge"), gov("TestProposalValidate"))...),
			},
		},
		{
			ID: "H12", Title: "The same message twice",
			Incident: "Public code of two senders makes a new reference for every attempt, or one from the clock, so that NHS Notify cannot recognise a repeat.",
			Cause:    "A lost answer is followed by a new request.",
			Effect:   "Confusion, and cost.",
			Controls: []Control{
				control("The request is on the disk before it is sent and repeated to the byte.", all(notify("TestBulkSurvivesKills", "TestRepeatsAreIdentical"), camp("TestChaos"))...),
				control("A batch that is authorised again counts once, and no other passes under its reference.", gov("TestRepeatedBatchCountsOnce")...),
			},
		},
		{
			ID: "H13", Title: "Opt-outs are not applied, and nobody notices",
			Incident: "A supplier's practices, 2015 to 2018: about 150,000 objections were never sent on.",
			Cause:    "A filter that does nothing looks like one that finds nobody.",
			Effect:   "People's choices are not honoured.",
			Controls: []Control{
				control("Which opt-outs apply is derived from the legal basis; a decision may honour more and never less.", all(gov("TestDeriveOptOut", "TestOptOutDecision"), camp("TestGPRecordsSaySo"))...),
				control("Test people with an opt-out go through the same check: one that gets through ends the build.", all(gov("TestSuppressionsNeeded"), camp("TestNationalOptOut", "TestScreensThatFail"), optout("TestSentinels"))...),
				control("A batch says of how many people the opt-out was asked, when, and of which answer.", gov("TestUncheckedPeople")...),
			},
		},
	}
}
