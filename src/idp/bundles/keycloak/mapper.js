/*
 * The value of the claim: a token of the user's object, or nothing. What is said of the profile is a claim beside it. It stores what it finds and changes nothing in Keycloak; what is thrown here would only be a claim that is missing. Service accounts are nobody.
 */
function coatcheckClaim() {
  var log = Java.type('org.jboss.logging.Logger').getLogger('coatcheck');
  try {
    var account = user.getServiceAccountClientLink();
    if (account !== null && account !== undefined) return null;
    var event = {
      realm: '' + realm.getName(),
      user: coatcheckUser(user),
      token: { clientId: '' + token.getIssuedFor(), jti: '' + token.getId() },
    };
    var broker = userSession.getNote('identity_provider');
    if (broker !== null && broker !== undefined) event.identityProvider = '' + broker;
    var organization = coatcheckOrganization();
    if (organization !== null) event.organization = organization;
    var decision = coatcheckReport('token', event);
    coatcheckAddProfile(decision.profile);
    coatcheckAddOrganization(decision.organization);
    return typeof decision.token === 'string' ? decision.token : null;
  } catch (problem) {
    log.warn('coatcheck: access token without a PII token: ' + coatcheckWords(problem));
    return null;
  }
}

/**
 * The alias of the organization that the token is for: Keycloak's own mapper, which runs before scripts do, makes the claim of the scope `organization` a list of aliases, or a map of them. One
 * that names several is for none.
 */
function coatcheckOrganization() {
  var claim = token.getOtherClaims().get('organization');
  if (claim === null || claim === undefined) return null;
  if (typeof claim === 'string') return claim;
  var names = typeof claim.keySet === 'function' ? claim.keySet() : claim;
  if (typeof names.iterator !== 'function') return null;
  var each = names.iterator();
  var first = each.hasNext() ? each.next() : null;
  return first !== null && !each.hasNext() ? '' + first : null;
}

/** A mapper has one claim; others are put beside it. */
function coatcheckAddProfile(profile) {
  if (profile === null || profile === undefined) return;
  if (typeof profile.claim !== 'string' || profile.claim === '' || typeof profile.complete !== 'boolean')
    return;
  token.getOtherClaims().put(profile.claim, profile.complete);
}

function coatcheckAddOrganization(organization) {
  if (organization === null || organization === undefined || typeof organization.token !== 'string') return;
  var named = typeof organization.claim === 'string' ? organization.claim : 'pii_org_token';
  token.getOtherClaims().put(coatcheckSetting('COATCHECK_ORG_CLAIM') || named, organization.token);
}

exports = coatcheckClaim();
