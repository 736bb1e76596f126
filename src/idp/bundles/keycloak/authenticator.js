/*
 * The last step of a login: moves what the user's attributes hold into the vault and has Keycloak forget it, in the transaction of the login. With COATCHECK_ON_ERROR=deny a
 * login that cannot be moved is refused; otherwise it goes on and the next one makes up for it.
 */
function authenticate(context) {
  try {
    if (user !== null && user !== undefined) coatcheckMove(context);
  } catch (problem) {
    LOG.warn('coatcheck: a login moved nothing: ' + coatcheckWords(problem));
    if (coatcheckSetting('COATCHECK_ON_ERROR') === 'deny') {
      context.failure(Java.type('org.keycloak.authentication.AuthenticationFlowError').INTERNAL_ERROR);
      return;
    }
  }
  context.success();
}

function coatcheckMove(context) {
  var removesNames = coatcheckSetting('COATCHECK_REMOVE_NAMES') === 'true';
  var event = { realm: '' + realm.getName(), user: coatcheckUser(user) };
  var broker = context.getAuthenticationSession().getUserSessionNotes().get('identity_provider');
  if (broker !== null && broker !== undefined) event.identityProvider = '' + broker;
  if (removesNames) event.removesNames = true;

  var decision = coatcheckReport('login', event);
  var summary = coatcheckSummary(decision);
  if (summary !== null) LOG.warn(summary);
  coatcheckApply(decision, event.user, removesNames);
}

/** The object id first. Only what the event showed is taken away. */
function coatcheckApply(decision, shown, removesNames) {
  var link = decision.write.pii_object_id;
  if (typeof link === 'string') user.setSingleAttribute('pii_object_id', link);
  else if (link === null) user.removeAttribute('pii_object_id');
  decision.scrub.forEach(function (place) {
    var name = ('' + place).replace(/^attributes\./, '');
    if (name !== place && Object.prototype.hasOwnProperty.call(shown.attributes, name))
      user.removeAttribute(name);
    else if (removesNames && place === 'user.firstName') user.setFirstName(null);
    else if (removesNames && place === 'user.lastName') user.setLastName(null);
  });
}
