import Hummingbird

/// Adds the routes whose answers are JSON.
func addJSONRoutes(to router: Router<ServiceContext>, state: ServiceState) {}
