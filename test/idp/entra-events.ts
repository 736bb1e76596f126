/** The event as Microsoft's page on the token issuance start event shows it, with values of our own. */
export function tokenIssuanceStart(
  user: object | undefined,
  { tenantId = '30000000-0000-4000-8000-000000000003' } = {},
): Record<string, unknown> {
  return {
    type: 'microsoft.graph.authenticationEvent.tokenIssuanceStart',
    source: `/tenants/${tenantId}/applications/web`,
    data: {
      '@odata.type': 'microsoft.graph.onTokenIssuanceStartCalloutData',
      tenantId,
      authenticationEventListenerId: '10000000-0000-4000-8000-000000000001',
      customAuthenticationExtensionId: '10000000-0000-4000-8000-000000000002',
      authenticationContext: {
        correlationId: '20000000-0000-4000-8000-000000000002',
        client: { ip: '127.0.0.1', locale: 'en-us', market: 'en-us' },
        protocol: 'OAUTH2.0',
        clientServicePrincipal: { id: 'sp-id', appId: 'web', appDisplayName: 'Web', displayName: 'Web' },
        resourceServicePrincipal: { id: 'sp-api', appId: 'api', appDisplayName: 'API', displayName: 'API' },
        user,
      },
    },
  };
}
