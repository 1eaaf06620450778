/** The part of Swagger UI that the page `docs` uses. */
declare module "swagger-ui-dist/swagger-ui-es-bundle.js" {
  export interface SpecRequest {
    url: string;
    headers: Record<string, string>;
    loadSpec?: boolean;
  }

  export interface SwaggerUi {
    /** Fills in a token, as if it were typed under "Authorize". */
    preauthorizeApiKey(scheme: string, token: string): void;
  }

  export interface Options {
    domNode: Element;
    url: string;
    deepLinking: boolean;
    validatorUrl: null;
    defaultModelsExpandDepth: number;
    requestInterceptor: (request: SpecRequest) => SpecRequest;
    onComplete: () => void;
  }

  export default function SwaggerUIBundle(options: Options): SwaggerUi;
}
