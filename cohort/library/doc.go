// Package library holds national cohorts that have been published, written in the language of package cohort:
// to run, to read beside their sources, and to begin your own from.
//
//	definition, err := library.HealthCheck(library.HealthCheckChoices{}, lists)
//	plan, err := definition.Bind(cohort.Index.Is(date))
//
// Each constructor says who its cohort is for, where the rules come from, what the source leaves open and what
// was chosen, and what is partial. A choice that the source leaves is a parameter; its zero value is the most
// common reading. [Catalogue] lists the cohorts, and [Criteria] are the questions that several of them ask.
//
// # The cohorts
//
//	nhs-health-check                          national rules, as published by the programme and practices
//	nhs-diabetes-prevention                   national specification, as published by providers
//	cvdprevent-cvdpcx002                      CVDPREVENT tool of NHS England; complete
//	cvdprevent-cvdpcx001                      CVDPREVENT tool of NHS England; complete
//	cvdprevent-hypertension-risk              CVDPREVENT tool of NHS England
//	familial-hypercholesterolaemia-search     published thresholds
//	covid-at-risk                             UKHSA and PRIMIS specification 2.5; complete
//	covid-vaccination-autumn-2025             published study of the campaigns
//	flu-2025-26                               national letter, as published by practices
//	rsv-75-rolling                            eligibility service of NHS England
//	rsv-75to79-2024                           eligibility service of NHS England
//	bowel-cancer-screening                    published ages
//	breast-screening                          published ages
//	cervical-screening                        published intervals, before July 2025
//	abdominal-aortic-aneurysm-screening       published programme
//	lung-cancer-screening                     published programme
//	very-high-risk-breast-after-radiotherapy  NHS England guidance of 2023 and 2025, seen in part
//	immunosuppressed-by-cancer-treatment      the same six months, over SACT, HES and RTDS
//	radiotherapy-mortality                    published code of an audit
//	talking-therapies                         NHS England design history, 2025
//	talking-therapies-underrepresented        groups named by NHS England
//
// Beside these, [LungScan] takes a risk from a table of yours, and [COVIDVaccination] knows every campaign from
// autumn 2021 on.
//
// # Rules that differ
//
// When a condition has codes that it is over, publishers disagree about both on one day. By the rule of UKHSA
// and PRIMIS it is then over, by that of CVDPREVENT it is not. Each cohort follows its source: those of
// vaccination the first, those of cardiovascular prevention the second.
//
// Ages are reached on the birthday, also where the source divides days by 365.25. Windows include both ends. A
// value is read only if it is plausible, by the limits of the source, before the latest is picked.
//
// # Code lists
//
// The code lists here are short subsets that show the shape of the real ones: enough to run, to read and to
// test, and not enough to invite anybody. Give the real ones to the constructor as [Lists], by the name of the
// cluster; [Clusters] says which there are and where each is published. [Illustrative] says which are left in a
// plan: ask it before a plan is used. Where no public set was read, the list is a stand-in that no record
// holds, and an exclusion by it excludes nobody.
//
// SNOMED CT is licensed: in the UK it is free of charge to use under the licence of NHS England.
//
// # Limits
//
// Nothing here is clinically assured, and sources change: read the constructor, the source and the plan's text
// side by side before use. Journals must be loaded without deleted entries. Opt-outs are not looked at, and
// neither is whether somebody was invited already, where the constructor does not say so.
package library
