/** The page `docs`: shows the service's OpenAPI document. It asks for the token if one is needed. */

import "swagger-ui-dist/swagger-ui.css";
import SwaggerUIBundle from "swagger-ui-dist/swagger-ui-es-bundle.js";
import licences from "swagger-ui-dist/swagger-ui-es-bundle.js.LICENSE.txt?url";
import "./docs.css";

/** The security schemes of the service; a token for reading may also be the one for recordings. */
const SCHEMES = ["subscribe_token", "push_token"];
const specification = new URL("../openapi.json", document.baseURI).href;

function part<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`);
  return found;
}

const problem = part("problem", HTMLElement);
const form = part("token-form", HTMLFormElement);
const input = part("token", HTMLInputElement);

function say(text: string): void {
  problem.textContent = text;
  problem.hidden = text === "";
}

/** Shows the document, with `token` filled in under "Authorize"; "" for none. */
function show(token: string): void {
  const ui = SwaggerUIBundle({
    domNode: part("interface", HTMLElement),
    url: specification,
    deepLinking: true,
    validatorUrl: null, // it would send the document to a foreign host
    defaultModelsExpandDepth: 0,
    requestInterceptor: (request) => {
      if (request.loadSpec && token) request.headers["Authorization"] = `Bearer ${token}`;
      return request;
    },
    onComplete: () => {
      if (token) SCHEMES.forEach((scheme) => ui.preauthorizeApiKey(scheme, token));
    },
  });
}

/** Loads the document once, to learn whether the service gives it without a token or with this. */
async function open(token: string): Promise<void> {
  const headers: HeadersInit = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch(specification, { headers });
  form.hidden = response.status !== 401;
  if (response.status === 401) {
    say(token ? "The token is wrong." : "");
    input.focus();
  } else if (response.ok) {
    say("");
    show(token);
  } else {
    say(`The service answered ${response.status} ${response.statusText}`.trim());
  }
}

function tryToOpen(token: string): void {
  open(token).catch(() => say("The service cannot be reached."));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  tryToOpen(input.value);
});
part("licences", HTMLAnchorElement).href = licences;
tryToOpen("");
