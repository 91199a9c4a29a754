package sact

import (
	"github.com/personalised-prevention/nhs/cohort"
	"github.com/personalised-prevention/nhs/cohort/codelist"
)

const (
	absence = "No row means no systemic anti-cancer therapy reported by an NHS provider in England since it became " +
		"mandatory, between April 2012 and 2014, or not yet delivered."
	refresh = "Submitted by trusts every month; analysts are said to get it several months behind, which is not confirmed."

	source = "Headers of Simulacrum version 2, the synthetic twin of the registry's tables, as of 2025-08; values as public " +
		"code that reads those tables uses them. No published dictionary was found."
)

// intents says what the values of the intent of a regimen mean, as far as it is public.
func intents() map[string]string {
	return map[string]string{
		"1": "curative", "2": "palliative: to extend life", "3": "palliative: to control symptoms",
		"4": "palliative: to achieve remission", "5": "palliative", "98": "other", "99": "other",
	}
}

func performance() map[string]string {
	return map[string]string{
		"0": "normal activity", "1": "restricted in strenuous activity", "2": "up and about more than half of the day",
		"3": "in bed or chair more than half of the day", "4": "completely disabled", "9": "not recorded",
	}
}

func routes() map[string]string {
	return map[string]string{
		"01": "intravenous", "02": "oral", "03": "intrathecal", "04": "intramuscular", "05": "subcutaneous",
		"06": "intra-arterial", "07": "intraperitoneal", "08": "other cavity", "09": "intravesical",
		"10": "into the tumour or lesion, until 2019", "11": "topical", "12": "intradermal", "13": "into the tumour",
		"14": "into the lesion", "98": "other", "99": "other, until 2019",
	}
}

// opcs describes a column of procedure codes of chemotherapy.
func opcs(name, phrase, doc string) cohort.ColumnInfo {
	return cohort.ColumnInfo{Name: name, Phrase: phrase, System: codelist.OPCS4, Doc: doc}
}
