package caas

// The two queries. Each asks for every field of the schema that it can reach.
const (
	queryAll = `query All {
  PublishedCohortLibraryGetAll { ...cohort }
}
` + fragments

	queryBySlug = `query BySlug($urlSlug: String!) {
  PublishedCohortLibraryGetBySlugName(urlSlug: $urlSlug) {
    __typename
    ...cohort
    ... on ErrorDescription { code correlationId errorDescription }
  }
}
` + fragments

	fragments = `fragment cohort on Cohort {
  id name shortName urlSlug summary description authors commissioner purpose
  clinicalAtRiskGroupsText demographicsText disclaimerText fixedDateReference lastUpdated
  patientAgeConstraint { minAgeMonths maxAgeMonths }
  conditionGroups {
    id urlSlug name summary lastUpdated nonDigitalPathwayOverview ruleLogicOverview
    conditions {
      id description nonDigitalPathwayText
      rulesets { id logicallyAndRules rules { ...rule } }
    }
  }
}
fragment rule on Rule {
  id
  codeListInclusions { ...codeList }
  codeListsResolving { ...codeList }
  patientAgeConstraints { minAgeMonths maxAgeMonths }
  eventDateConstraint { withinLastMonths relativeEarliestTime relativeLatestTime fixedEarliestDate fixedLatestDate }
  eventCountConstraint { count }
  preCoordinatedConstraints { id preCoordinatedConstraintType { id name rulesetText } }
  datasets { ...dataset }
  datasetInclusion { ...dataset }
}
fragment codeList on CodeList {
  id shortDescription clusterName
  codeSystem { id name }
  codes { id value shortDescription codeSystem { id name } }
}
fragment dataset on Dataset { id acronym name description url }
`
)
