/*
 * What the authenticator and the mapper share. ECMAScript 5: Keycloak runs scripts in Nashorn. The settings are environment variables of the Keycloak server, since a script provider is
 * given none of its own.
 */
var COATCHECK_CONNECT_MS = 500;
/** The user is waiting. */
var COATCHECK_ANSWER_MS = 1500;
/** Keycloak tells its columns among the attributes, too. */
var COATCHECK_COLUMNS = ['username', 'email', 'firstName', 'lastName'];
/** Credentials and secrets, in whatever spelling. */
var COATCHECK_CREDENTIALS =
  /^(pass(word|wd|phrase)?|user_?password|password_?(hash|salt)|hash|salt|pin|secrets?|client_?secret|api_?keys?|mfa|multifactor.*|totp|otp|recovery_?codes?|(access|refresh|id|session)_?tokens?|credentials?|private_?key|cookies?)$/i;

/** Something that is said in words of ours; whatever else is thrown may quote values and is not said. */
function CoatcheckProblem(words) {
  this.words = words;
}

function coatcheckWords(problem) {
  return problem instanceof CoatcheckProblem ? problem.words : 'a fault';
}

/** An environment variable; an empty text where it is not set. */
function coatcheckSetting(name) {
  var value = Java.type('java.lang.System').getenv(name);
  return value === null || value === undefined ? '' : '' + value;
}

function coatcheckKey() {
  var file = coatcheckSetting('COATCHECK_API_KEY_FILE');
  var key = coatcheckSetting('COATCHECK_API_KEY');
  if (file !== '') {
    try {
      var path = Java.type('java.nio.file.Paths').get(file);
      key = ('' + Java.type('java.nio.file.Files').readString(path)).trim();
    } catch (unread) {
      throw new CoatcheckProblem('COATCHECK_API_KEY_FILE cannot be read');
    }
  }
  if (key === '') throw new CoatcheckProblem('COATCHECK_API_KEY is missing');
  return key;
}

/** Reports an event and returns what the vault says to do. */
function coatcheckReport(event, body) {
  var url = coatcheckSetting('COATCHECK_URL').replace(/\/+$/, '');
  // TLS, or this machine: everything else would carry personal data in the clear.
  if (!/^(https:\/\/|http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:|\/|$))/.test(url))
    throw new CoatcheckProblem('COATCHECK_URL is not an https URL');
  var answer = coatcheckPost(url + '/api/coatcheck/1.0/idp/keycloak/' + event, coatcheckKey(), body);
  if (answer.status !== 200) throw new CoatcheckProblem('the vault answered ' + answer.status);
  return coatcheckDecision(answer.text);
}

function coatcheckPost(address, key, body) {
  var Duration = Java.type('java.time.Duration');
  var HttpClient = Java.type('java.net.http.HttpClient');
  var HttpRequest = Java.type('java.net.http.HttpRequest');
  var client = null;
  try {
    // Redirects are not followed unless that is asked for: the key and the data are for this address and no other.
    client = HttpClient.newBuilder()
      .version(Java.type('java.net.http.HttpClient$Version').HTTP_1_1)
      .connectTimeout(Duration.ofMillis(COATCHECK_CONNECT_MS))
      .build();
    var request = HttpRequest.newBuilder(Java.type('java.net.URI').create(address))
      .timeout(Duration.ofMillis(COATCHECK_ANSWER_MS))
      .header('authorization', 'Bearer ' + key)
      .header('content-type', 'application/json')
      .POST(Java.type('java.net.http.HttpRequest$BodyPublishers').ofString(JSON.stringify(body)))
      .build();
    var response = client.send(request, Java.type('java.net.http.HttpResponse$BodyHandlers').ofString());
    return { status: +response.statusCode(), text: '' + response.body() };
  } catch (unreached) {
    throw new CoatcheckProblem('the vault was not reached');
  } finally {
    // From Java 21 on a client can be closed; before, its thread ends when it is collected.
    if (client !== null && typeof client.close === 'function') client.close();
  }
}

/** An answer is believed only if it has the form of a decision. */
function coatcheckDecision(text) {
  var decision = null;
  try {
    decision = JSON.parse(text);
  } catch (unread) {
    throw new CoatcheckProblem('something else than the vault answered');
  }
  if (
    decision === null ||
    typeof decision !== 'object' ||
    decision.write === null ||
    typeof decision.write !== 'object' ||
    !Array.isArray(decision.scrub) ||
    !Array.isArray(decision.warnings)
  )
    throw new CoatcheckProblem('something else than the vault answered');
  return decision;
}

/** A user as the vault is told of them: no credentials, no roles, no sessions. */
function coatcheckUser(user) {
  var attributes = {};
  var entries = user.getAttributes().entrySet().iterator();
  while (entries.hasNext()) {
    var entry = entries.next();
    var name = '' + entry.getKey();
    if (COATCHECK_COLUMNS.indexOf(name) >= 0 || COATCHECK_CREDENTIALS.test(name)) continue;
    var values = [];
    var each = entry.getValue().iterator();
    while (each.hasNext()) values.push('' + each.next());
    attributes[name] = values;
  }
  return {
    id: '' + user.getId(),
    email: coatcheckText(user.getEmail()),
    emailVerified: user.isEmailVerified() === true,
    firstName: coatcheckText(user.getFirstName()),
    lastName: coatcheckText(user.getLastName()),
    attributes: attributes,
  };
}

function coatcheckText(value) {
  return value === null || value === undefined ? null : '' + value;
}

/** What did not go as it might, in one line of names; null where there is nothing to say. */
function coatcheckSummary(decision) {
  if (decision.warnings.length === 0) return null;
  var words = decision.warnings.map(function (warning) {
    return warning.name === undefined ? warning.code : warning.code + ' ' + warning.name;
  });
  return 'coatcheck: ' + words.join(', ').slice(0, 200);
}
