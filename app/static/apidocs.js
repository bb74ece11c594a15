// Swagger UI over our own document; a `?url=` in the address is not honoured (queryConfigEnabled stays off).
window.ui = SwaggerUIBundle({
  url: document.getElementById("apidocs").dataset.document,
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  filter: true,
  persistAuthorization: true,
  displayRequestDuration: true,
  validatorUrl: null,
});
