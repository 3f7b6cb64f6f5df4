import Hummingbird

/// Adds the pages for people.
func addPages(to router: Router<ServiceContext>, state: ServiceState) {}
