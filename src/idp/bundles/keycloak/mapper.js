/*
 * The value of the claim: a token of the user's object, or nothing. It stores what it finds and changes nothing in Keycloak; what is thrown here would only be a claim that is missing. Service accounts are nobody.
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
    var decision = coatcheckReport('token', event);
    return typeof decision.token === 'string' ? decision.token : null;
  } catch (problem) {
    log.warn('coatcheck: access token without a PII token: ' + coatcheckWords(problem));
    return null;
  }
}

exports = coatcheckClaim();
