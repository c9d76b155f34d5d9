// No validator: it would send the document elsewhere. Tokens are forgotten with the page.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#routes",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});
