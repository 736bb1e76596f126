/** The closed list of reasons a caller can give and a policy can name. Source: api.md 0.1. */
export const ACCESS_REASONS = [
  'AppFunctionality',
  'Analytics',
  'Notifications',
  'Marketing',
  'ThirdPartyMarketing',
  'FraudPreventionSecurityAndCompliance',
  'AccountManagement',
  'Maintenance',
  'DataSubjectRequest',
  'Other',
] as const;

export type AccessReason = (typeof ACCESS_REASONS)[number];
